// The first line is fine.
throw new TypeError("no such luck");
