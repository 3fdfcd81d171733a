/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

enum {
    MAC_BYTES = 32,
    PATH_BYTES = 512
};

#define END UINT32_MAX /* part number of the end mark */

/* As it lies in the file: another byte order or width is another build. */
struct head {
    char magic[16];
    uint8_t build[32];
    struct snapshot_at at;
    uint64_t address;
    uint64_t sizes[SNAPSHOT_PARTS_MAX];
};

struct block_head {
    uint32_t part;
    uint32_t number; /* within the part, in blocks */
};

/* A file being written or read, with the MAC of what went through. */
struct stream {
    int fd;
    int status;
    crypto_generichash_state mac;
};

static void stream_open(struct stream *stream, int fd, const uint8_t key[SNAPSHOT_KEY_BYTES])
{
    stream->fd = fd;
    stream->status = fd < 0 ? -errno : 0;
    (void)crypto_generichash_init(&stream->mac, key, SNAPSHOT_KEY_BYTES, MAC_BYTES);
}

static void put_bytes(struct stream *stream, const void *bytes, size_t size)
{
    const char *at = bytes;
    for (size_t done = 0; stream->status == 0 && done < size;) {
        ssize_t count = write(stream->fd, at + done, size - done);
        if (count < 0 && errno != EINTR)
            stream->status = -errno;
        done += count > 0 ? (size_t)count : 0;
    }
}

static void put(struct stream *stream, const void *bytes, size_t size)
{
    (void)crypto_generichash_update(&stream->mac, bytes, size);
    put_bytes(stream, bytes, size);
}

static void get_bytes(struct stream *stream, void *bytes, size_t size)
{
    char *at = bytes;
    for (size_t done = 0; stream->status == 0 && done < size;) {
        ssize_t count = read(stream->fd, at + done, size - done);
        if (count == 0)
            stream->status = -EBADMSG; /* cut short */
        else if (count < 0 && errno != EINTR)
            stream->status = -errno;
        done += count > 0 ? (size_t)count : 0;
    }
}

static void get(struct stream *stream, void *bytes, size_t size)
{
    get_bytes(stream, bytes, size);
    if (stream->status == 0)
        (void)crypto_generichash_update(&stream->mac, bytes, size);
}

static struct head head_of(const struct snapshot *snapshot)
{
    struct head head;
    memset(&head, 0, sizeof head); /* padding, too: it is compared and written */
    memcpy(head.magic, "yihao snapshot 1", sizeof head.magic);
    memcpy(head.build, snapshot->build, sizeof head.build);
    head.address = (uintptr_t)snapshot->parts[0].memory;
    for (uint32_t i = 0; i < snapshot->part_count; i++)
        head.sizes[i] = snapshot->parts[i].size;
    return head;
}

static size_t block_size(const struct snapshot_part *part, size_t offset)
{
    size_t rest = part->size - offset;
    return rest < SNAPSHOT_BLOCK_BYTES ? rest : SNAPSHOT_BLOCK_BYTES;
}

static void put_part(struct stream *stream, const struct snapshot_part *part, uint32_t number)
{
    for (size_t offset = 0; offset < part->size; offset += SNAPSHOT_BLOCK_BYTES) {
        const unsigned char *block = (const unsigned char *)part->memory + offset;
        size_t size = block_size(part, offset);
        if (block[0] == 0 && memcmp(block, block + 1, size - 1) == 0)
            continue; /* all zero, as it will be found */
        struct block_head head = { number, (uint32_t)(offset / SNAPSHOT_BLOCK_BYTES) };
        put(stream, &head, sizeof head);
        put(stream, block, size);
    }
}

static void get_parts(struct stream *stream, const struct snapshot *snapshot)
{
    for (;;) {
        struct block_head head;
        get(stream, &head, sizeof head);
        if (stream->status < 0 || head.part == END)
            return;
        size_t offset = (size_t)head.number * SNAPSHOT_BLOCK_BYTES;
        if (head.part >= snapshot->part_count || offset >= snapshot->parts[head.part].size) {
            stream->status = -EBADMSG;
            return;
        }
        const struct snapshot_part *part = &snapshot->parts[head.part];
        get(stream, (char *)part->memory + offset, block_size(part, offset));
    }
}

int snapshot_open(struct snapshot *snapshot, const char *path, const uint8_t orders_key[32])
{
    static const uint8_t purpose[] = "yihao snapshot 1";
    crypto_generichash_state digest;
    uint8_t bytes[4096];
    ssize_t count;
    *snapshot = (struct snapshot){ .path = path };
    (void)crypto_generichash(snapshot->key, sizeof snapshot->key, purpose, sizeof purpose - 1,
                             orders_key, 32);
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    (void)crypto_generichash_init(&digest, NULL, 0, sizeof snapshot->build);
    while ((count = read(fd, bytes, sizeof bytes)) > 0)
        (void)crypto_generichash_update(&digest, bytes, (size_t)count);
    int status = count < 0 ? -errno : 0;
    (void)crypto_generichash_final(&digest, snapshot->build, sizeof snapshot->build);
    (void)close(fd);
    return status;
}

int snapshot_write(const struct snapshot *snapshot, const struct snapshot_at *at)
{
    char fresh[PATH_BYTES];
    if (snprintf(fresh, sizeof fresh, "%s.new", snapshot->path) >= (int)sizeof fresh)
        return -ENAMETOOLONG;
    struct stream stream;
    uint8_t mac[MAC_BYTES];
    stream_open(&stream, open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600),
                snapshot->key);
    struct head head = head_of(snapshot);
    head.at = *at;
    put(&stream, &head, sizeof head);
    for (uint32_t i = 0; i < snapshot->part_count; i++)
        put_part(&stream, &snapshot->parts[i], i);
    put(&stream, &(struct block_head){ .part = END }, sizeof(struct block_head));
    (void)crypto_generichash_final(&stream.mac, mac, sizeof mac);
    put_bytes(&stream, mac, sizeof mac);
    if (stream.status == 0 && fsync(stream.fd) < 0)
        stream.status = -errno;
    if (stream.fd >= 0)
        (void)close(stream.fd);
    if (stream.status == 0 && rename(fresh, snapshot->path) < 0)
        stream.status = -errno;
    return stream.status;
}

int snapshot_read(const struct snapshot *snapshot, struct snapshot_at *at)
{
    struct stream stream;
    struct head head;
    struct head ours = head_of(snapshot);
    uint8_t mac[MAC_BYTES];
    uint8_t expected[MAC_BYTES];
    stream_open(&stream, open(snapshot->path, O_RDONLY | O_CLOEXEC), snapshot->key);
    if (stream.fd < 0)
        return stream.status;
    get(&stream, &head, sizeof head);
    ours.at = head.at;
    if (stream.status == 0 && memcmp(&head, &ours, sizeof head) != 0)
        stream.status = -ESTALE;
    if (stream.status == 0)
        get_parts(&stream, snapshot);
    get_bytes(&stream, mac, sizeof mac);
    (void)crypto_generichash_final(&stream.mac, expected, sizeof expected);
    if (stream.status == 0 && sodium_memcmp(mac, expected, sizeof mac) != 0)
        stream.status = -EBADMSG;
    (void)close(stream.fd);
    *at = head.at;
    return stream.status;
}
