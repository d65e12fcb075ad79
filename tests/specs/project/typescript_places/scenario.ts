// A mistake in TypeScript is told where its author made it, below everything that was erased.
interface Caller {
  name: string;
  age?: number;
}

type Lookup = Record<string, Caller>;

enum Kind { Known, Unknown }

const callers: Lookup = {};

VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }: { call: any }) => {
  const kind: Kind = Kind.Known;
  const caller = callers[call.callerid()] as Caller;
  Logger.write(`${kind} ${caller.name.toUpperCase()}`);
});
