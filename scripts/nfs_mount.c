// Mounts an NFS server's folder through FUSE, for kernels without an NFS client: libnfs speaks to the server.
//
// build: cc -O2 -o nfs_mount scripts/nfs_mount.c $(pkg-config --cflags --libs fuse3 libnfs)   (libfuse3-dev, libnfs-dev)
// usage: nfs_mount 'nfs://SERVER/FOLDER?version=3' MOUNTPOINT [FUSE'S OPTIONS]
//
// As NFS does, it looks at a file anew when the file is opened, and keeps attributes for a second otherwise. It has no locks:
// those of the kernel hold among the processes of one mount.
#define _GNU_SOURCE
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <nfsc/libnfs.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

static struct nfs_context *nfs;

// A request whose answer the connection lost, for which libnfs says EFAULT, is sent again, as a kernel's client does. For
// requests that may be made twice.
#define UNTIL_ANSWERED(request)                                                        \
  ({                                                                                   \
    int status_ = (request);                                                           \
    for (int try_ = 0; status_ == -EFAULT && try_ < 20; try_++) {                      \
      nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);                       \
      status_ = (request);                                                             \
    }                                                                                  \
    status_;                                                                           \
  })

static struct nfsfh *handle(struct fuse_file_info *info) { return (struct nfsfh *)(uintptr_t)info->fh; }

static void copy_attributes(const struct nfs_stat_64 *from, struct stat *to) {
  memset(to, 0, sizeof *to);
  to->st_dev = from->nfs_dev;
  to->st_ino = from->nfs_ino;
  to->st_mode = from->nfs_mode;
  to->st_nlink = from->nfs_nlink;
  to->st_uid = from->nfs_uid;
  to->st_gid = from->nfs_gid;
  to->st_size = from->nfs_size;
  to->st_blksize = from->nfs_blksize;
  to->st_blocks = from->nfs_blocks;
  to->st_atim = (struct timespec){from->nfs_atime, from->nfs_atime_nsec};
  to->st_mtim = (struct timespec){from->nfs_mtime, from->nfs_mtime_nsec};
  to->st_ctim = (struct timespec){from->nfs_ctime, from->nfs_ctime_nsec};
}

static int get_attributes(const char *path, struct stat *to, struct fuse_file_info *info) {
  struct nfs_stat_64 from;
  int status = UNTIL_ANSWERED(info && info->fh ? nfs_fstat64(nfs, handle(info), &from) : nfs_lstat64(nfs, path, &from));
  if (status == 0) copy_attributes(&from, to);
  return status;
}

static int read_folder(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset, struct fuse_file_info *info,
                       enum fuse_readdir_flags flags) {
  (void)offset, (void)info, (void)flags;
  struct nfsdir *folder;
  int status = UNTIL_ANSWERED(nfs_opendir(nfs, path, &folder));
  if (status != 0) return status;
  for (struct nfsdirent *entry = nfs_readdir(nfs, folder); entry; entry = nfs_readdir(nfs, folder))
    fill(buffer, entry->name, NULL, 0, 0);
  nfs_closedir(nfs, folder);
  return 0;
}

static int open_as(const char *path, int flags, mode_t mode, struct fuse_file_info *info) {
  struct nfsfh *file;
  int status = flags & O_EXCL ? nfs_open2(nfs, path, flags, mode, &file)
                              : UNTIL_ANSWERED(nfs_open2(nfs, path, flags, mode, &file));
  if (status == 0) info->fh = (uintptr_t)file;
  return status;
}

static int open_file(const char *path, struct fuse_file_info *info) {
  return open_as(path, info->flags & ~(O_CREAT | O_EXCL | O_APPEND), 0, info);
}

static int create_file(const char *path, mode_t mode, struct fuse_file_info *info) {
  return open_as(path, info->flags & ~O_APPEND, mode & 07777, info);
}

static int read_file(const char *path, char *buffer, size_t size, off_t offset, struct fuse_file_info *info) {
  (void)path;
  return UNTIL_ANSWERED(nfs_pread(nfs, handle(info), offset, size, buffer));
}

static int write_file(const char *path, const char *buffer, size_t size, off_t offset, struct fuse_file_info *info) {
  (void)path;
  return UNTIL_ANSWERED(nfs_pwrite(nfs, handle(info), offset, size, (void *)(uintptr_t)buffer));
}

static int sync_file(const char *path, int data, struct fuse_file_info *info) {
  (void)path, (void)data;
  return UNTIL_ANSWERED(nfs_fsync(nfs, handle(info)));
}

static int flush_file(const char *path, struct fuse_file_info *info) {
  return (info->flags & O_ACCMODE) == O_RDONLY ? 0 : sync_file(path, 0, info);
}

static int close_file(const char *path, struct fuse_file_info *info) {
  (void)path;
  return nfs_close(nfs, handle(info));
}

static int cut_file(const char *path, off_t size, struct fuse_file_info *info) {
  return info && info->fh ? nfs_ftruncate(nfs, handle(info), size) : nfs_truncate(nfs, path, size);
}

static int make_folder(const char *path, mode_t mode) { return nfs_mkdir2(nfs, path, mode); }
static int remove_folder(const char *path) { return nfs_rmdir(nfs, path); }
static int remove_file(const char *path) { return nfs_unlink(nfs, path); }
static int link_file(const char *from, const char *to) { return nfs_link(nfs, from, to); }
static int link_softly(const char *target, const char *path) { return nfs_symlink(nfs, target, path); }
static int read_link(const char *path, char *buffer, size_t size) { return nfs_readlink(nfs, path, buffer, (int)size); }

static int rename_file(const char *from, const char *to, unsigned flags) {
  return flags ? -EINVAL : nfs_rename(nfs, from, to);
}

static int set_mode(const char *path, mode_t mode, struct fuse_file_info *info) {
  (void)info;
  return nfs_chmod(nfs, path, mode & 07777);
}

static int set_owner(const char *path, uid_t user, gid_t group, struct fuse_file_info *info) {
  (void)path, (void)user, (void)group, (void)info;
  return 0;  // one user has all
}

static int set_times(const char *path, const struct timespec times[2], struct fuse_file_info *info) {
  (void)info;
  struct timeval both[2];
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  for (int i = 0; i < 2; i++) {
    const struct timespec *time = times[i].tv_nsec == UTIME_NOW || times[i].tv_nsec == UTIME_OMIT ? &now : &times[i];
    both[i] = (struct timeval){time->tv_sec, time->tv_nsec / 1000};
  }
  return nfs_utimes(nfs, path, both);
}

static int get_room(const char *path, struct statvfs *room) { return nfs_statvfs(nfs, path, room); }

static void *begin(struct fuse_conn_info *connection, struct fuse_config *config) {
  (void)connection;
  config->use_ino = 1;
  config->auto_cache = 1;  // an opened file whose time or size has changed is read anew
  config->attr_timeout = 1;
  config->entry_timeout = 0;  // names are asked for: other nodes make and delete files
  return NULL;
}

int main(int count, char **words) {
  if (count < 3) return fprintf(stderr, "usage: nfs_mount URL MOUNTPOINT [OPTION...]\n"), 2;
  nfs = nfs_init_context();
  struct nfs_url *url = nfs_parse_url_dir(nfs, words[1]);
  if (!url || nfs_mount(nfs, url->server, url->path) != 0) return fprintf(stderr, "nfs_mount: %s\n", nfs_get_error(nfs)), 1;
  static const struct fuse_operations operations = {
      .init = begin,           .getattr = get_attributes, .readdir = read_folder, .open = open_file,
      .create = create_file,   .read = read_file,         .write = write_file,    .fsync = sync_file,
      .flush = flush_file,     .release = close_file,     .truncate = cut_file,   .mkdir = make_folder,
      .rmdir = remove_folder,  .unlink = remove_file,     .rename = rename_file,  .link = link_file,
      .symlink = link_softly,  .readlink = read_link,     .chmod = set_mode,      .chown = set_owner,
      .utimens = set_times,    .statfs = get_room,
  };
  words[1] = words[0];
  return fuse_main(count - 1, words + 1, &operations, NULL);
}
