import type { Call } from "voxengine";
import { greet } from "./greet";

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }: { call: Call }) => greet(call));
