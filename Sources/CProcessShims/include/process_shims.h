#ifndef BELAY_PROCESS_SHIMS_H
#define BELAY_PROCESS_SHIMS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// What to start. The program runs in a session of its own, with an empty signal mask, every signal's
// default disposition, and no file descriptor but 0, 1 and 2.
struct belay_spawn_request {
  const char *path;        // looked up relative to `directory` if it is relative
  char *const *arguments;  // ends with NULL
  char *const *variables;  // ends with NULL; nothing is inherited
  const char *directory;   // NULL: the caller's
  int null_input;          // what standard input is where `pipes_input` is false
  bool pipes_input;
};

// More descriptors than this are not asked for.
#define BELAY_MOST_DESCRIPTORS 65536

// Raises the soft limit of descriptors as far as it goes; programs are started with the one there was before. Called
// before the first start. Returns 0 or an errno.
int belay_raise_descriptor_limit(void);

// This process leaves no core dump and is not read or traced by others of its user; the superuser aside. The programs
// that it starts are as ever.
void belay_keep_memory_private(void);

// How many descriptors this process may have.
long belay_descriptor_limit(void);

enum belay_spawn_stage {
  BELAY_SPAWN_PIPES,  // nothing was started
  BELAY_SPAWN_EXEC,   // nothing was started
  BELAY_SPAWN_WATCH,  // it was started, could not be watched, and was killed and reaped
};

// What was started. Every descriptor is close-on-exec, at least 3, and does not block; -1 where there is none.
struct belay_spawn_result {
  pid_t pid;
  int pidfd;
  int input;
  int output;
  int errors;
  // When it was started as /proc/PID/stat says it, field 22: in clock ticks since the machine was; -1 where the clock
  // alone does not tell.
  int64_t start_time;
  enum belay_spawn_stage stage;  // where it failed
};

// Returns 0, or the errno of the stage that failed; descriptors are then closed.
int belay_spawn(const struct belay_spawn_request *request, struct belay_spawn_result *result);

// The child that is being started; 0 where none is, or it has not run yet. May be asked by any thread.
pid_t belay_starting(void);

// What `belay_spawn` started is known now, and is not what is being started any more.
void belay_is_known(void);

// Makes sure that children can be awaited: SIGCHLD, which may be ignored by inheritance, is no longer; the kernel would
// reap them and keep no exit status. Returns 0 or an errno.
int belay_keep_exit_statuses(void);

// Makes sure that children can be awaited, and orphans of what this process started its own children: SIGCHLD is no
// longer ignored, pidfds work (Linux 5.4), this process is a subreaper. Returns 0 or an errno.
int belay_watch_children(void);

// -1 where there is no such process or no descriptor is left; errno says which.
int belay_pidfd_open(pid_t pid);

// Returns 0 or an errno.
int belay_pidfd_signal(int pidfd, int signal);

// Reaps a child that ended: 1 with its status, 0 while it runs, -1 where it is no child of this process.
int belay_reap(int pidfd, bool *signalled, int *status);

// Looks at the children of this process: -1 there are none, 0 all are alive, else the pid of one that ended
// and is not reaped.
pid_t belay_any_child(void);

#define BELAY_AWAIT_CAPACITY 64

// Returns when all of at most BELAY_AWAIT_CAPACITY processes have ended, or after `timeout` milliseconds.
void belay_await_all(const int *pidfds, int count, int timeout);

// Whether a process's descriptor is a pipe that no process of this machine reads.
bool belay_writes_to_nobody(pid_t pid, int fd);

struct belay_event {
  uint64_t token;
  bool readable;  // or hung up, or in error
  bool writable;  // or hung up, or in error
};

int belay_poller_create(void);
int belay_poller_add(int poller, int fd, uint64_t token, bool for_writing);
void belay_poller_remove(int poller, int fd);
// Returns the number of events, at most 64; 0 after `timeout` milliseconds (-1: none) or a signal.
int belay_poller_wait(int poller, struct belay_event *events, int capacity, int timeout);

// An eventfd that does not block.
int belay_wakeup_create(void);

// `/dev/null` for reading, at least 3, close-on-exec.
int belay_null_input(void);

#endif
