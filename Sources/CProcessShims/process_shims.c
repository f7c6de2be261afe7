#define _GNU_SOURCE
#include "process_shims.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

// The limits that this process was started with, once its own were raised; its children get them back.
static struct rlimit inherited_descriptors;
static bool descriptors_are_raised;

int belay_raise_descriptor_limit(void) {
  struct rlimit limit;
  if (descriptors_are_raised) return 0;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return errno;
  inherited_descriptors = limit;
  rlim_t most = limit.rlim_max < BELAY_MOST_DESCRIPTORS ? limit.rlim_max : BELAY_MOST_DESCRIPTORS;
  if (limit.rlim_cur >= most) return 0;
  limit.rlim_cur = most;
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0) return errno;
  descriptors_are_raised = true;
  return 0;
}

// Not RLIMIT_CORE: it is inherited, and does not hold where core dumps go to a program (core(5)). `execve` sets this
// anew.
void belay_keep_memory_private(void) { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

long belay_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return 0;
  return limit.rlim_cur < BELAY_MOST_DESCRIPTORS ? (long)limit.rlim_cur : BELAY_MOST_DESCRIPTORS;
}

// Where this process was started with a standard descriptor closed, a new one takes its number, and the
// child's dup2 would then overwrite what it still needs.
static int above_standard(int fd) {
  if (fd < 0 || fd > STDERR_FILENO) return fd;
  int raised = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  int reason = errno;
  close(fd);
  errno = reason;
  return raised;
}

static void close_if_open(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

// `ours` does not block; the child's end does.
static int make_pipe(int *reading, int *writing, bool child_reads) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return errno;
  *reading = above_standard(ends[0]);
  int reason = errno;
  *writing = above_standard(ends[1]);
  if (*writing < 0) reason = errno;
  if (*reading < 0 || *writing < 0) return reason;
  if (fcntl(child_reads ? *writing : *reading, F_SETFL, O_NONBLOCK) < 0) return errno;
  return 0;
}

// Pipes for the next program's output and errors, made once the last one runs: a program that waits to be started
// does not wait for them. Guarded as `belay_spawn` is, which is called by one thread at a time.
static struct spare_pipe {
  int reading, writing;
} spare[2] = {{-1, -1}, {-1, -1}};

static int take_pipe(struct spare_pipe *kept, int *reading, int *writing) {
  if (kept->reading < 0) return make_pipe(reading, writing, false);
  *reading = kept->reading;
  *writing = kept->writing;
  *kept = (struct spare_pipe){-1, -1};
  return 0;
}

// What fails here is tried again, and reported, when the pipe is needed.
static void keep_pipes(void) {
  for (int index = 0; index < 2; index++) {
    if (spare[index].reading >= 0) continue;
    if (make_pipe(&spare[index].reading, &spare[index].writing, false)) {
      close_if_open(&spare[index].reading);
      close_if_open(&spare[index].writing);
    }
  }
}

// The ticks that /proc counts since the machine was started. Time spent suspended is part of them: CLOCK_BOOTTIME.
static int64_t ticks_now(void) {
  struct timespec time;
  long each = 1000000000 / sysconf(_SC_CLK_TCK);
  if (clock_gettime(CLOCK_BOOTTIME, &time) < 0) return -1;
  return ((int64_t)time.tv_sec * 1000000000 + time.tv_nsec) / each;
}

// Written by the child, while it shares this process's memory.
static _Atomic pid_t starting;

pid_t belay_starting(void) { return starting; }

void belay_is_known(void) { starting = 0; }

// From this signal on each has its default disposition: the real-time signals, unless this process was started with one of
// them ignored. Nothing here changes that.
static int first_usual = NSIG;

static void note_dispositions(void) {
  struct sigaction action;
  int number = NSIG;
  while (number > SIGRTMIN && (sigaction(number - 1, NULL, &action) < 0 || action.sa_handler == SIG_DFL)) number--;
  first_usual = number;
}

// What the child does, which shares this process's memory until it is a program: returns why it did not become one.
static int become(const struct belay_spawn_request *request, int input, int output, int errors) {
  starting = getpid();
  struct sigaction usual = {.sa_handler = SIG_DFL};
  for (int number = 1; number < first_usual; number++) sigaction(number, &usual, NULL);
  if (setsid() < 0) return errno;
  if (request->directory && chdir(request->directory) < 0) return errno;
  if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0)
    return errno;
  if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0) < 0) {
    // Before Linux 5.9.
    long limit = belay_descriptor_limit();
    for (int fd = STDERR_FILENO + 1; fd < limit; fd++) close(fd);
  }
  if (descriptors_are_raised) setrlimit(RLIMIT_NOFILE, &inherited_descriptors);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execve(request->path, request->arguments, request->variables);
  return errno;
}

// Not `posix_spawn`, which has no attribute for limits, and must not be given those of this process.
static int start(const struct belay_spawn_request *request, int input, int output, int errors, pid_t *pid) {
  sigset_t all, before;
  sigfillset(&all);
  // No handler may run in the child, and no cancellation in between.
  int cancellation;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancellation);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  volatile int error = 0;
  pid_t child = vfork();
  if (child == 0) {
    error = become(request, input, output, errors);
    _exit(127);
  }
  if (child < 0) error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_setcancelstate(cancellation, NULL);
  if (error && child > 0) {
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
  }
  if (!error) *pid = child;
  return error;
}

int belay_spawn(const struct belay_spawn_request *request, struct belay_spawn_result *result) {
  *result = (struct belay_spawn_result){
      .pid = -1, .pidfd = -1, .input = -1, .output = -1, .errors = -1, .start_time = -1,
      .stage = BELAY_SPAWN_PIPES};
  int child_input = -1, child_output = -1, child_errors = -1;
  int error = 0;
  if (request->pipes_input) error = make_pipe(&child_input, &result->input, true);
  if (!error) error = take_pipe(&spare[0], &result->output, &child_output);
  if (!error) error = take_pipe(&spare[1], &result->errors, &child_errors);

  if (!error) {
    result->stage = BELAY_SPAWN_EXEC;
    int64_t before = ticks_now();
    error = start(
        request, request->pipes_input ? child_input : request->null_input, child_output, child_errors, &result->pid);
    if (ticks_now() == before) result->start_time = before;
  }
  close_if_open(&child_input);
  close_if_open(&child_output);
  close_if_open(&child_errors);

  if (!error) {
    // The child's ends were closed just now, so that a descriptor is free unless another thread took it.
    for (int attempt = 0; attempt < 200; attempt++) {
      result->pidfd = above_standard(belay_pidfd_open(result->pid));
      if (result->pidfd >= 0) break;
      error = errno;
      if (error != EMFILE && error != ENFILE && error != ENOMEM) break;
      poll(NULL, 0, 1);
    }
    if (result->pidfd >= 0) {
      keep_pipes();
      return 0;
    }
    result->stage = BELAY_SPAWN_WATCH;
    kill(-result->pid, SIGKILL);
    while (waitpid(result->pid, NULL, 0) < 0 && errno == EINTR) {
    }
  }
  close_if_open(&result->input);
  close_if_open(&result->output);
  close_if_open(&result->errors);
  return error;
}

int belay_keep_exit_statuses(void) {
  struct sigaction action;
  if (sigaction(SIGCHLD, NULL, &action) == 0 &&
      (action.sa_handler == SIG_IGN || (action.sa_flags & SA_NOCLDWAIT) != 0)) {
    if (action.sa_handler == SIG_IGN) action.sa_handler = SIG_DFL;
    action.sa_flags &= ~SA_NOCLDWAIT;
    if (sigaction(SIGCHLD, &action, NULL) < 0) return errno;
  }
  return 0;
}

int belay_watch_children(void) {
  note_dispositions();
  int error = belay_keep_exit_statuses();
  if (error) return error;
  int own = belay_pidfd_open(getpid());
  if (own < 0) return errno;
  // Our own process is no child of ours: a kernel that knows the call says ECHILD.
  siginfo_t info;
  int done = waitid((idtype_t)P_PIDFD, (id_t)own, &info, WEXITED | WNOHANG);
  int reason = errno;
  close(own);
  if (done < 0 && reason != ECHILD) return reason;
  // Without it an orphan goes to init, out of sight; a kernel that refuses is older than the calls above.
  return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? errno : 0;
}

int belay_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int belay_pidfd_signal(int pidfd, int signal) {
  return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? errno : 0;
}

int belay_reap(int pidfd, bool *signalled, int *status) {
  siginfo_t info;
  info.si_pid = 0;
  int done;
  do done = waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG);
  while (done < 0 && errno == EINTR);
  if (done < 0) return -1;
  if (info.si_pid == 0) return 0;
  *signalled = info.si_code != CLD_EXITED;
  *status = info.si_status;
  return 1;
}

pid_t belay_any_child(void) {
  siginfo_t info;
  info.si_pid = 0;
  if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0) return -1;
  return info.si_pid;
}

int belay_poller_create(void) { return above_standard(epoll_create1(EPOLL_CLOEXEC)); }

int belay_poller_add(int poller, int fd, uint64_t token, bool for_writing) {
  struct epoll_event event = {.events = for_writing ? EPOLLOUT : EPOLLIN, .data = {.u64 = token}};
  return epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0 ? errno : 0;
}

void belay_poller_remove(int poller, int fd) {
  struct epoll_event unused = {0};
  epoll_ctl(poller, EPOLL_CTL_DEL, fd, &unused);
}

int belay_poller_wait(int poller, struct belay_event *events, int capacity, int timeout) {
  struct epoll_event ready[64];
  int count = epoll_wait(poller, ready, capacity < 64 ? capacity : 64, timeout);
  if (count < 0) return 0;
  for (int index = 0; index < count; index++) {
    uint32_t what = ready[index].events;
    events[index] = (struct belay_event){
        .token = ready[index].data.u64,
        .readable = (what & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0,
        .writable = (what & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0,
    };
  }
  return count;
}

static int64_t milliseconds_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void belay_await_all(const int *pidfds, int count, int timeout) {
  struct pollfd polled[BELAY_AWAIT_CAPACITY];
  if (count > BELAY_AWAIT_CAPACITY) count = BELAY_AWAIT_CAPACITY;
  for (int index = 0; index < count; index++) polled[index] = (struct pollfd){.fd = pidfds[index], .events = POLLIN};
  int64_t end = milliseconds_now() + timeout;
  int alive = count;
  do {
    int64_t rest = end - milliseconds_now();
    int ready = poll(polled, (nfds_t)count, rest > 0 ? (int)rest : 0);
    for (int index = 0; ready > 0 && index < count; index++) {
      if (polled[index].fd < 0 || polled[index].revents == 0) continue;
      polled[index].fd = -1;
      alive--;
    }
  } while ((alive > 0 || count == 0) && milliseconds_now() < end);
}

bool belay_writes_to_nobody(pid_t pid, int fd) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, fd);
  struct stat what;
  if (stat(path, &what) < 0 || !S_ISFIFO(what.st_mode)) return false;
  struct pollfd writing = {.fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC), .events = POLLOUT};
  if (writing.fd < 0) return false;
  bool is_unread = poll(&writing, 1, 0) > 0 && (writing.revents & POLLERR) != 0;
  close(writing.fd);
  return is_unread;
}

int belay_wakeup_create(void) { return above_standard(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

int belay_null_input(void) { return above_standard(open("/dev/null", O_RDONLY | O_CLOEXEC)); }
