/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs a fuzz target over every file of a folder, once each: the corpus as an ordinary test. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return -1;
    (void)fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    uint8_t *bytes = size >= 0 ? malloc((size_t)size + 1) : NULL;
    int status = bytes && fread(bytes, 1, (size_t)size, file) == (size_t)size ? 0 : -1;
    if (status == 0)
        (void)LLVMFuzzerTestOneInput(bytes, (size_t)size);
    free(bytes);
    (void)fclose(file);
    return status;
}

int main(int count, char **words)
{
    if (count != 2) {
        (void)fprintf(stderr, "usage: %s CORPUS_FOLDER\n", words[0]);
        return 2;
    }
    DIR *folder = opendir(words[1]);
    if (!folder) {
        perror(words[1]);
        return 1;
    }
    int inputs = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char path[4096];
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", words[1], entry->d_name);
        if (replay(path) < 0) {
            perror(path);
            return 1;
        }
        inputs++;
    }
    (void)closedir(folder);
    (void)printf("%d inputs replayed\n", inputs);
    return inputs > 0 ? 0 : 1; /* an empty corpus proves nothing */
}
