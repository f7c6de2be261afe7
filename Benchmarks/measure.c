// What the benchmarks are held against, and the clock they are taken with.
//
//   measure time COMMAND…     runs a command with its output dropped; prints wall milliseconds and peak KiB
//   measure chain DIRECTORY   1,000 × posix_spawn and waitpid of /bin/true, and 1,000 × fdatasync of a 300-byte
//                             append to a file in the directory; prints milliseconds
//   measure yaml FILE…        libyaml's event parser over the files; prints milliseconds
//   measure signatures COUNT  so many Ed25519 signatures over 100 bytes each verified by OpenSSL on two threads; prints
//                             milliseconds
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <yaml.h>

extern char **environ;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void fail(const char *what) {
  fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
  exit(1);
}

static pid_t start(char **command, int quiet) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (quiet) {
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  }
  pid_t pid;
  errno = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
  if (errno) fail(command[0]);
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

static int run(char **command) {
  double begin = now();
  pid_t pid = start(command, 1);
  int status;
  struct rusage usage;
  if (wait4(pid, &status, 0, &usage) < 0) fail("wait4");
  printf("%.3f %ld\n", now() - begin, usage.ru_maxrss);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int chain(const char *directory) {
  char path[4096];
  snprintf(path, sizeof path, "%s/appended", directory);
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
  if (file < 0) fail(path);
  char line[300];
  memset(line, 'x', sizeof line);
  char *command[] = {"/bin/true", NULL};
  double begin = now();
  for (int step = 0; step < 1000; step++) {
    int status;
    waitpid(start(command, 0), &status, 0);
    if (write(file, line, sizeof line) != sizeof line || fdatasync(file)) fail(path);
  }
  printf("%.3f\n", now() - begin);
  return 0;
}

static int parse(char **paths) {
  double begin = now();
  for (; *paths; paths++) {
    FILE *file = fopen(*paths, "rb");
    if (!file) fail(*paths);
    yaml_parser_t parser;
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_file(&parser, file);
    for (int done = 0; !done;) {
      yaml_event_t event;
      if (!yaml_parser_parse(&parser, &event)) fail("not YAML");
      done = event.type == YAML_STREAM_END_EVENT;
      yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    fclose(file);
  }
  printf("%.3f\n", now() - begin);
  return 0;
}

static unsigned char message[100], signature[64];
static EVP_PKEY *key;

static void *verify(void *count) {
  for (long left = *(long *)count; left > 0; left--) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) != 1 ||
        EVP_DigestVerify(context, signature, sizeof signature, message, sizeof message) != 1)
      fail("verify");
    EVP_MD_CTX_free(context);
  }
  return NULL;
}

static int signatures(long count) {
  unsigned char seed[32] = {1};
  key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
  size_t length = sizeof signature;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  if (!key || EVP_DigestSignInit(context, NULL, NULL, NULL, key) != 1 ||
      EVP_DigestSign(context, signature, &length, message, sizeof message) != 1)
    fail("sign");
  EVP_MD_CTX_free(context);
  double begin = now();
  pthread_t threads[2];
  long half = count / 2;
  for (int place = 0; place < 2; place++) pthread_create(&threads[place], NULL, verify, &half);
  for (int place = 0; place < 2; place++) pthread_join(threads[place], NULL);
  printf("%.3f\n", now() - begin);
  return 0;
}

int main(int count, char **arguments) {
  if (count > 2 && !strcmp(arguments[1], "time")) return run(arguments + 2);
  if (count == 3 && !strcmp(arguments[1], "chain")) return chain(arguments[2]);
  if (count > 2 && !strcmp(arguments[1], "yaml")) return parse(arguments + 2);
  if (count == 3 && !strcmp(arguments[1], "signatures")) return signatures(atol(arguments[2]));
  fprintf(stderr, "usage: measure time COMMAND… | chain DIRECTORY | yaml FILE… | signatures COUNT\n");
  return 2;
}
