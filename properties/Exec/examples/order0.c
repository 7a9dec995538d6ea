/*
 * A memory manager of one folio size, order 0, as a program that FolioCheck can check: areas, page tables, reference counts,
 * copy-on-write fork. It is an example for ../README.md, and shows how little of the protocol a program needs to speak.
 *
 *   cc -std=c11 -O2 -Wall -Wextra -o order0 order0.c
 *   foliocheck check --system exec:./order0
 *   foliocheck check --system "exec:./order0 --bug"
 *
 * --bug: mprotect gives the write bit back to every entry of memory that may be written again, whoever else maps the page
 * (a change_pte_range that forgets to look at AnonExclusive).
 *
 * Left out, and said so when greeted: larger orders, the shared zero page (reading nothing maps nothing), VMAs.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS_SPACE (1LL << 34)  /* pages */
#define COMMIT_LIMIT (7LL << 20)   /* pages that one writable mapping may not reach */
#define LENGTH_WRAPS (1LL << 52)   /* pages at which a length in bytes wraps to zero */

enum { READ = 1, WRITE = 2 };
enum { WRITABLE = 1, DIRTY = 2, YOUNG = 4, PROT_NONE_BIT = 8 };

struct area { long long start, end; int prot; };
struct entry { long long page; int frame, bits; };
struct frame { int mapcount; bool exclusive; int token; };

struct process {
    int number;
    struct area *areas;   /* by address */
    struct entry *ptes;   /* by address */
    int nareas, nptes, careas, cptes;
    struct process *next; /* by number */
};

static struct process *processes;
static struct frame *frames;
static int nframes;
static bool bug;

static void *grow(void *items, int need, int *capacity, size_t size)
{
    if (need <= *capacity)
        return items;
    *capacity = 2 * need;
    items = realloc(items, (size_t)*capacity * size);
    if (!items) {
        fputs("order0: out of memory\n", stderr);
        exit(3);
    }
    return items;
}

/* Processes. */

static struct process *find_process(int number)
{
    struct process *p = processes;
    while (p && p->number != number)
        p = p->next;
    return p;
}

static struct process *new_process(int number)
{
    struct process **link = &processes, *p = calloc(1, sizeof *p);
    if (!p)
        exit(3);
    while (*link && (*link)->number < number)
        link = &(*link)->next;
    p->number = number;
    p->next = *link;
    return *link = p;
}

/* Areas: what is mapped, with which rights. */

static int first_area(const struct process *p, long long page)
{
    int i = 0;
    while (i < p->nareas && p->areas[i].end <= page)
        i++;
    return i;
}

static int rights(const struct process *p, long long page)
{
    int i = first_area(p, page);
    return i < p->nareas && p->areas[i].start <= page ? p->areas[i].prot : -1;
}

static void insert_area(struct process *p, int i, struct area area)
{
    p->areas = grow(p->areas, p->nareas + 1, &p->careas, sizeof area);
    memmove(p->areas + i + 1, p->areas + i, (size_t)(p->nareas - i) * sizeof area);
    p->areas[i] = area;
    p->nareas++;
}

static void split_area(struct process *p, long long page)
{
    int i = first_area(p, page);
    if (i == p->nareas || p->areas[i].start >= page)
        return;
    insert_area(p, i, p->areas[i]);
    p->areas[i].end = p->areas[i + 1].start = page;
}

/* Page tables. */

static int first_pte(const struct process *p, long long page)
{
    int low = 0, high = p->nptes;
    while (low < high) {
        int middle = (low + high) / 2;
        if (p->ptes[middle].page < page)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct entry *find_pte(struct process *p, long long page)
{
    int i = first_pte(p, page);
    return i < p->nptes && p->ptes[i].page == page ? p->ptes + i : NULL;
}

static void insert_pte(struct process *p, struct entry pte)
{
    int i = first_pte(p, pte.page);
    p->ptes = grow(p->ptes, p->nptes + 1, &p->cptes, sizeof pte);
    memmove(p->ptes + i + 1, p->ptes + i, (size_t)(p->nptes - i) * sizeof pte);
    p->ptes[i] = pte;
    p->nptes++;
}

static void zap(struct process *p, long long start, long long end)
{
    int from = first_pte(p, start), to = first_pte(p, end);
    for (int i = from; i < to; i++)
        frames[p->ptes[i].frame].mapcount--;
    memmove(p->ptes + from, p->ptes + to, (size_t)(p->nptes - to) * sizeof *p->ptes);
    p->nptes -= to - from;
}

/* The lowest free frame, with one mapping; -1 when there is none. */
static int allocate(int token)
{
    for (int i = 0; i < nframes; i++) {
        if (!frames[i].mapcount) {
            frames[i] = (struct frame){ .mapcount = 1, .exclusive = true, .token = token };
            return i;
        }
    }
    return -1;
}

/* The calls. Each returns 0, an errno, or what is below. */
enum { SEGFAULT = -1, OOM = -2, NO_PROCESS = -3 };

static void unmap(struct process *p, long long start, long long end)
{
    int from, to;
    split_area(p, start);
    split_area(p, end);
    zap(p, start, end);
    from = to = first_area(p, start);
    while (to < p->nareas && p->areas[to].start < end)
        to++;
    memmove(p->areas + from, p->areas + to, (size_t)(p->nareas - to) * sizeof *p->areas);
    p->nareas -= to - from;
}

static bool bad_range(long long page, long long length)
{
    return page < 0 || page > LENGTH_WRAPS || length < 0;
}

static bool beyond(long long page, long long length)
{
    return length > ADDRESS_SPACE || page > ADDRESS_SPACE - length;
}

static int do_mmap(struct process *p, long long page, long long length, int prot)
{
    if (!length || bad_range(page, length))
        return EINVAL;
    if (beyond(page, length) || ((prot & WRITE) && length >= COMMIT_LIMIT))
        return ENOMEM;
    unmap(p, page, page + length);
    insert_area(p, first_area(p, page), (struct area){ page, page + length, prot });
    return 0;
}

static int do_munmap(struct process *p, long long page, long long length)
{
    if (!length || bad_range(page, length) || beyond(page, length))
        return EINVAL;
    unmap(p, page, page + length);
    return 0;
}

static int do_dontneed(struct process *p, long long page, long long length)
{
    long long mapped = 0;
    if (bad_range(page, length) || length >= LENGTH_WRAPS)
        return EINVAL;
    zap(p, page, page + length);
    for (int i = 0; i < p->nareas; i++) {
        long long start = p->areas[i].start > page ? p->areas[i].start : page;
        long long end = p->areas[i].end < page + length ? p->areas[i].end : page + length;
        mapped += end > start ? end - start : 0;
    }
    return mapped < length ? ENOMEM : 0;
}

/* Areas that have the rights already are left alone, entries and all. */
static int do_mprotect(struct process *p, long long page, long long length, int prot)
{
    long long end = page + length;
    if (bad_range(page, length))
        return EINVAL;
    if (length >= LENGTH_WRAPS)
        return ENOMEM;
    while (page < end) {
        int i = first_area(p, page);
        long long stop;
        if (i == p->nareas || p->areas[i].start > page)
            return ENOMEM;
        stop = p->areas[i].end < end ? p->areas[i].end : end;
        if (p->areas[i].prot != prot) {
            split_area(p, page);
            split_area(p, stop);
            p->areas[first_area(p, page)].prot = prot;
            for (i = first_pte(p, page); i < p->nptes && p->ptes[i].page < stop; i++) {
                bool may_write = (prot & WRITE) && (bug || frames[p->ptes[i].frame].exclusive);
                p->ptes[i].bits &= ~(WRITABLE | PROT_NONE_BIT);
                p->ptes[i].bits |= (may_write ? WRITABLE : 0) | (prot ? 0 : PROT_NONE_BIT);
            }
        }
        page = stop;
    }
    return 0;
}

static int do_read(struct process *p, long long page, int *token)
{
    struct entry *pte = find_pte(p, page);
    if (rights(p, page) <= 0)
        return SEGFAULT;
    if (pte)
        pte->bits |= YOUNG;
    *token = pte ? frames[pte->frame].token : 0;
    return 0;
}

static int write_page(struct process *p, long long page, int token)
{
    struct entry *pte = find_pte(p, page);
    int prot = rights(p, page), copy;
    if (prot < 0 || !(prot & WRITE))
        return SEGFAULT;
    if (!pte) {
        struct entry fresh = { page, allocate(token), WRITABLE | DIRTY | YOUNG };
        if (fresh.frame < 0)
            return OOM;
        insert_pte(p, fresh);
        return 0;
    }
    if (!(pte->bits & WRITABLE) && !frames[pte->frame].exclusive && frames[pte->frame].mapcount > 1) {
        copy = allocate(token);
        if (copy < 0)
            return OOM;
        frames[pte->frame].mapcount--;
        pte->frame = copy;
    } else if (!(pte->bits & WRITABLE)) {
        frames[pte->frame].exclusive = true;
    }
    pte->bits = WRITABLE | DIRTY | YOUNG;
    frames[pte->frame].token = token;
    return 0;
}

static int do_write(struct process *p, long long page, long long length, int token, int *done)
{
    int result = 0;
    for (*done = 0; *done < length; ++*done) {
        result = write_page(p, page + *done, (int)((unsigned)token + (unsigned)*done));
        if (result)
            break;
    }
    return result;
}

static int do_fork(struct process *parent, int number)
{
    struct process *child;
    if (number < 0 || find_process(number))
        return NO_PROCESS;
    child = new_process(number);
    for (int i = 0; i < parent->nareas; i++)
        insert_area(child, i, parent->areas[i]);
    for (int i = 0; i < parent->nptes; i++) {
        struct entry *pte = parent->ptes + i;
        pte->bits &= ~WRITABLE;
        frames[pte->frame].exclusive = false;
        frames[pte->frame].mapcount++;
        insert_pte(child, (struct entry){ pte->page, pte->frame, pte->bits & ~YOUNG });
    }
    return 0;
}

static int do_exit(struct process *p)
{
    struct process **link = &processes;
    zap(p, 0, ADDRESS_SPACE);
    while (*link != p)
        link = &(*link)->next;
    *link = p->next;
    free(p->areas);
    free(p->ptes);
    free(p);
    return 0;
}

/* The protocol. */

static void reset(int count)
{
    while (processes)
        do_exit(processes);
    free(frames);
    nframes = count;
    frames = calloc((size_t)count + 1, sizeof *frames);
    if (!frames)
        exit(3);
    new_process(0);
}

static void greet(void)
{
    puts("{\"protocol\":1,\"name\":\"order0\",\"orders\":[0],"
         "\"operations\":[\"mmap\",\"munmap\",\"mprotect\",\"madvise DONTNEED\",\"read\",\"write\",\"write_range\",\"fork\",\"exit\"],"
         "\"observes\":[\"machine.anon_mapped\",\"machine.free_frames\",\"processes.rss_anon\",\"entries.folio\",\"entries.bits.writable\",\"entries.bits.dirty\","
         "\"entries.bits.young\",\"entries.bits.prot_none\",\"folios.frame\",\"folios.references\",\"folios.mapcount\","
         "\"exclusive\",\"contents\"]}");
}

/* A folio is called by its frame here; FolioCheck needs no more than that ids are unique. */
static void observe(void)
{
    int used = 0;
    const char *comma = "";
    for (int i = 0; i < nframes; i++)
        used += frames[i].mapcount > 0;
    printf("{\"machine\":{\"anon_mapped\":%d,\"free_frames\":%d},\"processes\":[", used, nframes - used);
    for (struct process *p = processes; p; p = p->next) {
        printf("%s{\"process\":%d,\"rss_anon\":%d,\"entries\":[", comma, p->number, p->nptes);
        for (int i = 0; i < p->nptes; i++)
            printf("%s{\"page\":%lld,\"count\":1,\"folio\":%d,\"bits\":%d}", i ? "," : "", p->ptes[i].page, p->ptes[i].frame, p->ptes[i].bits);
        printf("]}");
        comma = ",";
    }
    printf("],\"folios\":[");
    comma = "";
    for (int i = 0; i < nframes; i++) {
        if (!frames[i].mapcount)
            continue;
        printf("%s{\"folio\":%d,\"frame\":%d,\"references\":%d,\"mapcount\":%d,\"exclusive\":[%d],\"contents\":[%d]}",
               comma, i, i, frames[i].mapcount, frames[i].mapcount, frames[i].exclusive, frames[i].token);
        comma = ",";
    }
    puts("]}");
}

static int protection(const char *word)
{
    return !strcmp(word, "none") ? 0 : (strchr(word, 'r') ? READ : 0) | (strchr(word, 'w') ? WRITE : 0);
}

/* PROCESS CALL(ARGUMENTS), as in a scenario file. */
static void apply(char *line)
{
    char *words[6] = { 0 }, *call;
    int count = 0, result, token = 0, done = 0;
    long long page, length;
    struct process *p;
    for (char *word = strtok(line, " (,)"); word && count < 6; word = strtok(NULL, " (,)"))
        words[count++] = word;
    for (int i = count; i < 6; i++)
        words[i] = "0";
    call = words[1];
    page = strtoll(words[2], NULL, 0);
    length = strtoll(words[3], NULL, 0);
    p = find_process(atoi(words[0]));
    if (!p)
        result = NO_PROCESS;
    else if (!strcmp(call, "mmap"))
        result = do_mmap(p, page, length, protection(words[4]));
    else if (!strcmp(call, "munmap"))
        result = do_munmap(p, page, length);
    else if (!strcmp(call, "mprotect"))
        result = do_mprotect(p, page, length, protection(words[4]));
    else if (!strcmp(call, "madvise") && !strcmp(words[4], "DONTNEED"))
        result = do_dontneed(p, page, length);
    else if (!strcmp(call, "read"))
        result = do_read(p, page, &token);
    else if (!strcmp(call, "write"))
        result = do_write(p, page, 1, (int)length, &done);
    else if (!strcmp(call, "write_range"))
        result = do_write(p, page, length, atoi(words[4]), &done);
    else if (!strcmp(call, "fork"))
        result = do_fork(p, (int)page);
    else if (!strcmp(call, "exit"))
        result = do_exit(p);
    else {
        printf("{\"error\":\"there is no %s here\"}\n", call);
        return;
    }
    switch (result) {
    case 0: printf(token ? "{\"outcome\":\"ok %d\"}\n" : "{\"outcome\":\"ok\"}\n", token); break;
    case EINVAL: puts("{\"outcome\":\"EINVAL\"}"); break;
    case ENOMEM: puts("{\"outcome\":\"ENOMEM\"}"); break;
    case SEGFAULT: puts("{\"outcome\":\"SIGSEGV\"}"); break;
    case OOM: printf("{\"outcome\":\"OOM %d\"}\n", done); break;
    default: puts("{\"outcome\":\"no process\"}"); break;
    }
}

int main(int argc, char **argv)
{
    static char line[4096];
    bug = argc > 1 && !strcmp(argv[1], "--bug");
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        if (!strncmp(line, "foliocheck ", 11)) {
            greet();
        } else if (!strncmp(line, "machine ", 8)) {
            const char *count = strstr(line, "frames=");
            reset(count ? atoi(count + 7) : 0);
            puts("{}");
        } else if (!strcmp(line, "reset") || !strncmp(line, "thp ", 4)) {
            puts("{}");
        } else if (!strcmp(line, "observe")) {
            observe();
        } else {
            apply(line);
        }
        fflush(stdout);
    }
    return 0;
}
