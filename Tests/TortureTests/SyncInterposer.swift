import BelayTestSupport
import Testing

/// Stands before the C library's `fdatasync` and counts the calls of all threads of an engine together, which strace(1) does
/// not: it counts those of each thread. The engine knows nothing of it.
enum SyncInterposer {
  private static let source = """
    #define _GNU_SOURCE
    #include <errno.h>
    #include <signal.h>
    #include <stdatomic.h>
    #include <stdlib.h>
    #include <sys/syscall.h>
    #include <unistd.h>

    static atomic_long calls;

    static long number(const char *name) {
      const char *text = getenv(name);
      return text ? atol(text) : 0;
    }

    int fdatasync(int file) {
      long call = ++calls, kills = number("SYNC_KILLS_AT"), fails = number("SYNC_FAILS_FROM");
      if (kills && call >= kills) kill(getpid(), SIGKILL);
      if (fails && call >= fails) {
        errno = EIO;
        return -1;
      }
      return (int)syscall(SYS_fdatasync, file);
    }

    """

  private static let directory = TemporaryDirectory()
  /// How the compiler ended, and where the library is.
  private static let built: (result: CommandResult, path: String) = {
    let path = directory.path("syncs.so")
    _ = directory.write("syncs.c", source)
    return (CommandRunner.run(["cc", "-shared", "-fPIC", "-o", path, directory.path("syncs.c")]), path)
  }()

  /// What to put before a command, so that it is killed just before one of its syncs, counted from 1.
  static func killing(at instant: Int) -> [String] { with("SYNC_KILLS_AT=\(instant)") }

  /// What to put before a command, so that each of its syncs fails from one on, counted from 1.
  static func failing(from instant: Int) -> [String] { with("SYNC_FAILS_FROM=\(instant)") }

  private static func with(_ variable: String) -> [String] {
    #expect(built.result.status == 0, "\(built.result)")
    return ["env", "LD_PRELOAD=" + built.path, variable]
  }
}
