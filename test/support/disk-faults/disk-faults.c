/*
 * A disk that fails on request: stands between a process and the system calls for files, told what to do through a page of shared memory,
 * and takes down every change of a file where a trace is wanted. Loaded by LD_PRELOAD; disk-faults.ts is its other half.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OP_SYNC = 1, OP_WRITE = 2, OP_READ = 3 };
enum { DO_KILL_BEFORE = 1, DO_KILL_AFTER = 2, DO_FAIL = 3, DO_FAIL_AFTER = 4, DO_SHORT = 5, DO_ELSEWHERE = 6 };
enum { T_WRITE = 1, T_TRUNCATE = 2, T_SYNC = 3, T_UNLINK = 4 };

struct control {
  int32_t op, action, countdown, error, fired, sticky, room, shift;
  int32_t syncs, named_syncs;
  int32_t reserved[6];
  char path[256];
};

static volatile struct control *control;
static int trace = -1;
static const char *trace_path;
static pthread_mutex_t tracing = PTHREAD_MUTEX_INITIALIZER;

#define REAL(type, name, ...)                                                                                                     \
  static type (*real)(__VA_ARGS__);                                                                                                \
  if (!real) real = dlsym(RTLD_NEXT, name)

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("ONETAPE_FAULT_CONTROL");
  if (path != NULL) {
    int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    if (fd >= 0) {
      void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
      if (at != MAP_FAILED) control = at;
      syscall(SYS_close, fd);
    }
  }
  trace_path = getenv("ONETAPE_FAULT_TRACED");
  const char *to = getenv("ONETAPE_FAULT_TRACE");
  if (to != NULL && trace_path != NULL) trace = syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int path_of(int fd, char *path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = syscall(SYS_readlinkat, AT_FDCWD, link, path, size - 1);
  if (n <= 0) return 0;
  path[n] = 0;
  return 1;
}

/* Whether a file is one of those that were named. */
static int named(int fd) {
  if (control->path[0] == 0) return 1;
  char path[1024];
  return path_of(fd, path, sizeof path) && strstr(path, (const char *)control->path) != NULL;
}

/* What a call is to do, or 0. */
static int due(int op, int fd) {
  if (control == NULL || control->op != op || control->action == 0 || !named(fd)) return 0;
  if (__sync_fetch_and_sub(&control->countdown, 1) > 1) return 0;
  int action = control->action;
  if (!control->sticky && !__sync_bool_compare_and_swap(&control->action, action, 0)) return 0;
  __sync_fetch_and_add(&control->fired, 1);
  if (action == DO_KILL_BEFORE) kill(getpid(), SIGKILL);
  return action;
}

static void note(int kind, const char *path, int64_t offset, const void *data, uint32_t size) {
  if (trace < 0 || strstr(path, trace_path) == NULL) return;
  struct {
    uint32_t kind, path_size;
    int64_t offset;
    uint32_t size, zero;
  } head = {kind, strlen(path), offset, size, 0};
  struct iovec parts[3] = {{&head, sizeof head}, {(void *)path, head.path_size}, {(void *)data, size}};
  pthread_mutex_lock(&tracing);
  syscall(SYS_writev, trace, parts, size == 0 ? 2 : 3);
  pthread_mutex_unlock(&tracing);
}

static void note_fd(int kind, int fd, int64_t offset, const void *data, uint32_t size) {
  if (trace < 0 || fd == trace) return;
  char path[1024];
  if (path_of(fd, path, sizeof path)) note(kind, path, offset, data, size);
}

static int64_t place(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags >= 0 && (flags & O_APPEND)) {
    struct stat st;
    return fstat(fd, &st) == 0 ? st.st_size : -1;
  }
  return lseek(fd, 0, SEEK_CUR);
}

static int sync_with(int fd, int (*real)(int)) {
  if (control != NULL) __sync_fetch_and_add(&control->syncs, 1);
  if (control != NULL && named(fd)) __sync_fetch_and_add(&control->named_syncs, 1);
  int action = due(OP_SYNC, fd);
  if (action == DO_FAIL) {
    errno = control->error;
    return -1;
  }
  int result = real(fd);
  if (result == 0) note_fd(T_SYNC, fd, 0, NULL, 0);
  if (action == DO_KILL_AFTER) kill(getpid(), SIGKILL);
  if (action == DO_FAIL_AFTER) {
    errno = control->error;
    return -1;
  }
  return result;
}

int fsync(int fd) {
  REAL(int, "fsync", int);
  return sync_with(fd, real);
}

int fdatasync(int fd) {
  REAL(int, "fdatasync", int);
  return sync_with(fd, real);
}

/* How much of a write is let through: less where the disk is nearly full, -1 where it fails. */
static ssize_t let_through(int fd, size_t size) {
  int action = due(OP_WRITE, fd);
  if (action == DO_FAIL) {
    errno = control->error;
    return -1;
  }
  if (action == DO_SHORT) {
    int32_t room = control->room;
    if (room <= 0) {
      errno = control->error;
      return -1;
    }
    size_t part = (size_t)room < size ? (size_t)room : size;
    __sync_fetch_and_sub(&control->room, (int32_t)part);
    return part;
  }
  return size;
}

ssize_t write(int fd, const void *data, size_t size) {
  REAL(ssize_t, "write", int, const void *, size_t);
  ssize_t part = let_through(fd, size);
  if (part < 0) return part;
  int64_t at = trace < 0 ? 0 : place(fd);
  ssize_t n = real(fd, data, part);
  if (n > 0 && at >= 0) note_fd(T_WRITE, fd, at, data, n);
  return n;
}

static ssize_t write_at(int fd, const void *data, size_t size, off_t at, ssize_t (*real)(int, const void *, size_t, off_t)) {
  ssize_t part = let_through(fd, size);
  if (part < 0) return part;
  ssize_t n = real(fd, data, part, at);
  if (n > 0) note_fd(T_WRITE, fd, at, data, n);
  return n;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
  REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);
  return write_at(fd, data, size, at, real);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) {
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
  return write_at(fd, data, size, at, real);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
  REAL(ssize_t, "pwritev", int, const struct iovec *, int, off_t);
  if (let_through(fd, 1) < 0) return -1;
  return real(fd, parts, count, at);
}

int posix_fallocate(int fd, off_t at, off_t size) {
  REAL(int, "posix_fallocate", int, off_t, off_t);
  return let_through(fd, 1) < 0 ? errno : real(fd, at, size);
}

int ftruncate(int fd, off_t size) {
  REAL(int, "ftruncate", int, off_t);
  int result = real(fd, size);
  if (result == 0) note_fd(T_TRUNCATE, fd, size, NULL, 0);
  return result;
}

int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

int unlink(const char *path) {
  REAL(int, "unlink", const char *);
  int result = real(path);
  if (result == 0) note(T_UNLINK, path, 0, NULL, 0);
  return result;
}

static ssize_t read_at(int fd, void *data, size_t size, off_t at, ssize_t (*real)(int, void *, size_t, off_t)) {
  int action = due(OP_READ, fd);
  if (action == DO_FAIL) {
    errno = control->error;
    return -1;
  }
  return real(fd, data, size, action == DO_ELSEWHERE ? at + control->shift : at);
}

ssize_t pread(int fd, void *data, size_t size, off_t at) {
  REAL(ssize_t, "pread", int, void *, size_t, off_t);
  return read_at(fd, data, size, at, real);
}

ssize_t pread64(int fd, void *data, size_t size, off_t at) {
  REAL(ssize_t, "pread64", int, void *, size_t, off_t);
  return read_at(fd, data, size, at, real);
}

ssize_t read(int fd, void *data, size_t size) {
  REAL(ssize_t, "read", int, void *, size_t);
  int action = due(OP_READ, fd);
  if (action == DO_FAIL) {
    errno = control->error;
    return -1;
  }
  if (action != DO_ELSEWHERE) return real(fd, data, size);
  off_t at = lseek(fd, 0, SEEK_CUR);
  if (at < 0) return real(fd, data, size);
  ssize_t n = syscall(SYS_pread64, fd, data, size, at + control->shift);
  if (n > 0) lseek(fd, at + n, SEEK_SET);
  return n;
}

ssize_t preadv(int fd, const struct iovec *parts, int count, off_t at) {
  REAL(ssize_t, "preadv", int, const struct iovec *, int, off_t);
  int action = due(OP_READ, fd);
  if (action == DO_FAIL) {
    errno = control->error;
    return -1;
  }
  return real(fd, parts, count, action == DO_ELSEWHERE ? at + control->shift : at);
}
