// A thread's program that cannot be loaded.
throw new Error("broken at its start");
