import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findBinary } from "./server-source.js";
import { TestServerError } from "./test-server-error.js";

const COMPILERS = ["gcc", "cc", "clang"];
const COMPILE_DEADLINE_MS = 60_000;

/**
 * Answers the calls by which programs ask for the time of day, adding what stands in a file that is mapped into memory.
 * The monotonic clock is left alone, as it is when an operator or NTP steps a machine's clock.
 */
const SOURCE = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile long long *step;

__attribute__((constructor)) static void map_step(void) {
  const char *path = getenv("CHICORY_TEST_CLOCK");
  int fd = path ? open(path, O_RDONLY) : -1;
  if (fd < 0) return;
  void *mapped = mmap(0, sizeof *step, PROT_READ, MAP_SHARED, fd, 0);
  if (mapped != MAP_FAILED) step = mapped;
  close(fd);
}

int clock_gettime(clockid_t id, struct timespec *t) {
  int result = syscall(SYS_clock_gettime, id, t);
  if (result || !step || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE)) return result;
  long long ms = *step;
  t->tv_sec += ms / 1000;
  t->tv_nsec += (ms % 1000) * 1000000L;
  if (t->tv_nsec >= 1000000000L) { t->tv_nsec -= 1000000000L; t->tv_sec++; }
  if (t->tv_nsec < 0) { t->tv_nsec += 1000000000L; t->tv_sec--; }
  return 0;
}

int gettimeofday(struct timeval *tv, void *zone) {
  (void)zone;
  struct timespec t;
  if (!tv) return 0;
  clock_gettime(CLOCK_REALTIME, &t);
  tv->tv_sec = t.tv_sec;
  tv->tv_usec = t.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *out) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  if (out) *out = t.tv_sec;
  return t.tv_sec;
}
`;

/** A wall clock that a test steps while programs run by it. */
export interface SteppedClock {
  /** Environment of a program that is to go by this clock. */
  readonly env: Readonly<Record<string, string>>;
  /** Lets the clock show this many milliseconds more than the machine's, or less, from now on. */
  step(offsetMs: number): void;
  /** Removes its files. Programs that still run keep the last offset. */
  remove(): void;
}

/** Whether {@link createSteppedClock} can work here: it needs Linux and a C compiler. */
export async function canStepClocks(): Promise<boolean> {
  return process.platform === "linux" && (await findBinary(COMPILERS)) !== undefined;
}

/** Makes a clock that shows the machine's time until it is stepped. */
export async function createSteppedClock(): Promise<SteppedClock> {
  const compiler = await findBinary(COMPILERS);
  if (process.platform !== "linux" || compiler === undefined) {
    throw new TestServerError("Stepping the clock of a program needs Linux and a C compiler: apt-get install gcc");
  }
  const folder = mkdtempSync(join(tmpdir(), "chicory-clock-"));
  const [source, library, offset] = ["clock.c", "clock.so", "offset"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const step = (offsetMs: number): void => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(Math.round(offsetMs)));
    // In place, since the file is mapped where it is.
    writeFileSync(offset, bytes, { flag: "r+" });
  };
  writeFileSync(source, SOURCE);
  writeFileSync(offset, Buffer.alloc(8));
  const args = ["-O1", "-shared", "-fPIC", "-o", library, source];
  await promisify(execFile)(compiler, args, { timeout: COMPILE_DEADLINE_MS });
  return {
    env: { LD_PRELOAD: library, CHICORY_TEST_CLOCK: offset },
    step,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
