// A receptionist in TypeScript: enums, a namespace, parameter properties, overloads, types of the editor's own.
import type { CallEvent } from "voxengine";

enum Step { Greeting, Menu = 10, Bye }
const enum Key { Sales = "1", Support = "2" }

interface Destination { readonly name: string; number?: string }

namespace Numbers {
  export const owned: string = "15550100000";
  export function of(name: Destination["name"]): Destination {
    return { name, number: name === "sales" ? "15550000001" : undefined };
  }
}

abstract class Desk<T extends Destination> {
  protected step: Step = Step.Greeting;
  constructor(protected readonly call: Call, private greeting = "Press one for sales") {}
  abstract choose(key: Key): T | null;
  greet(): void {
    this.step = Step.Menu;
    this.call.say(this.greeting, { voice: VoiceList.Amazon.en_US_Joanna });
  }
}

class Reception extends Desk<Destination> {
  choose(key: Key): Destination | null {
    switch (key) {
      case Key.Sales: return Numbers.of("sales");
      default: return null;
    }
  }
  state(): string { return Step[this.step]!; }
}

function log(text: string): void;
function log(text: string, value: unknown): void;
function log(text: string, value?: any) { Logger.write(value === undefined ? text : `${text} ${JSON.stringify(value)}`); }

VoxEngine.addEventListener(AppEvents.CallAlerting, (e: any) => {
  const call = e.call as Call;
  const desk = new Reception(call);
  call.addEventListener(CallEvents.Connected, (_: CallEvent) => { call.handleTones(true); desk.greet(); log(desk.state()); });
  call.addEventListener(CallEvents.ToneReceived, (tone: { tone: Key }) => {
    log("chosen", desk.choose(tone.tone) satisfies Destination | null);
    call.hangup();
  });
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.answer();
});
export {};
