/* world.c - a box of plain files. */
#define _GNU_SOURCE /* mkdtemp() */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/tap.h"
#include "program/program.h"

enum { BYTES_MAX = 8192, PATH = 256 };

static const char layout[] =
    "mkdir vars state notices dev dev/konklave dev/by-partuuid sys sys/class\n"
    "mkdir sys/class/block sys/disk sys/disk/sdx1 sys/disk/queue\n"
    "mkdir -p esp/EFI/konklave esp/EFI/BOOT\n"
    "ln -s ../../disk/sdx1 sys/class/block/sdx1\n"
    "echo 1 >sys/disk/sdx1/partition\n"
    "echo 2048 >sys/disk/sdx1/start\n"
    "echo 262144 >sys/disk/sdx1/size\n"
    "echo 512 >sys/disk/queue/logical_block_size\n"
    ": >dev/sdx1\n"
    "ln -s ../sdx1 dev/konklave/esp\n"
    "ln -s ../sdx1 dev/by-partuuid/8be4df61-93ca-11d2-aa0d-00e098032b8c\n"
    "echo IMAGE_ID=test >os-release\n"
    "head -c 300000 /dev/zero | tr '\\0' A >slot-a\n"
    "head -c 300000 /dev/zero | tr '\\0' B >slot-b\n"
    "echo old a >esp/EFI/konklave/a.efi\n"
    "echo old b >esp/EFI/konklave/b.efi\n"
    "cp esp/EFI/konklave/a.efi esp/EFI/BOOT/BOOTX64.EFI\n"
    "printf '#!/bin/sh\\n"
    "while [ -e %s/hold-boot ]; do sleep 0.02; done\\n"
    "exec %s/konklave-boot --efivars=%s/vars "
    "--cmdline=%s/cmdline --boot-id=%s/boot_id --sys=%s/sys --dev=%s/dev "
    "\"$@\"\\n' \"$PWD\" \"$bin\" \"$PWD\" \"$PWD\" \"$PWD\" \"$PWD\" \"$PWD\" >boot\n"
    "printf '#!/bin/sh\\necho \"$@\" >>%s/reboots\\n' \"$PWD\" >reboot\n"
    "cat >rauc <<'END'\n"
    "#!/bin/sh\n"
    "# rauc -c CONF info --output-format=json FILE | extract FILE FOLDER\n"
    "set -e\n"
    "here=${0%/*}\n"
    "while [ -e \"$here/hold\" ]; do sleep 0.02; done\n"
    "case $3 in\n"
    "info)\n"
    "	sed -n 1p \"$5\" | grep -a -q '^signed'\n"
    "	sed -n 2p \"$5\"\n"
    "	;;\n"
    "extract)\n"
    "	sed -n 3p \"$4\" | grep -a -q '^whole'\n"
    "	mkdir \"$5\"\n"
    "	sed -n 4p \"$4\" >\"$5/a.efi\"\n"
    "	sed -n 5p \"$4\" >\"$5/b.efi\"\n"
    "	head -c 250000 /dev/zero | tr '\\0' N >\"$5/root.img\"\n"
    "	;;\n"
    "esac\n"
    "END\n"
    "chmod +x boot reboot rauc\n";

void world_script(struct world *w, const char *script)
{
	char out[WORLD_OUT];
	const int status = process_script(w->path, script, out, sizeof(out));

	if (status != 0)
		tap_diag("%s: %s", script, out);
	CHECK_EQ(status, 0);
}

static void boot_write(struct world *w, const char *slot, unsigned version)
{
	static unsigned boots;
	char script[512];

	boots++;
	(void)snprintf(script, sizeof(script),
	    "echo quiet konklave.slot=%s konklave.version=%u >cmdline\n"
	    "echo 00000000-0000-0000-0000-%012u >boot_id\n",
	    slot, version, boots);
	world_script(w, script);
}

void world_boot(struct world *w, const char *slot, unsigned version)
{
	boot_write(w, slot, version);
	world_script(w, "./boot started");
}

void world_open(struct world *w)
{
	*w = (struct world){ 0 };
	(void)snprintf(w->path, sizeof(w->path), "/tmp/kk-update-XXXXXX");
	CHECK(mkdtemp(w->path) != NULL);
	world_script(w, layout);
	world_boot(w, "a", 3);
	world_script(w, "./boot setup");
}

void world_close(struct world *w)
{
	if (w->service)
		world_stop(w);
	folder_remove(w->path);
}

static void args_make(const struct world *w, struct process_args *args)
{
	static const char *const names[] = { "state", "os-release", "cmdline",
		"boot-id=boot_id", "rauc", "boot", "reboot", "slot-a", "slot-b",
		"esp", "notices" };

	for (size_t i = 0; i < KK_ARRAY_LEN(names); i++) {
		const char *end = strchr(names[i], '=');
		const size_t length = end ? (size_t)(end - names[i]) :
					    strlen(names[i]);

		process_arg_add(args, "--%.*s=%s/%s", (int)length, names[i],
		    w->path, end ? end + 1 : names[i]);
	}
	process_arg_add(args, "--socket=control:%s/control", w->path);
	process_arg_add(args, "--fallback=EFI/BOOT/BOOTX64.EFI");
	process_arg_add(args, "--restart-seconds=0");
}

static struct process process_of(const struct world *w, char log[PATH])
{
	(void)snprintf(log, PATH, "%s/log", w->path);
	return (struct process){ .name = "konklave-update",
		.folder = w->path,
		.log = log };
}

void world_start(struct world *w)
{
	struct process_args args = { 0 };
	char log[PATH], ready[PROCESS_READY_BYTES];
	struct process p = process_of(w, log);

	process_arg_add(&args, "serve");
	args_make(w, &args);
	for (size_t i = 0; i < WORLD_OPTIONS_MAX && w->options[i]; i++)
		process_arg_add(&args, "%s", w->options[i]);
	p.args = &args;
	w->service = process_start(&p, ready);
}

void world_stop(struct world *w)
{
	char log[PATH];
	const struct process p = process_of(w, log);

	process_stop(&p, &w->service);
}

int world_run(struct world *w, const char *const words[3], char out[WORLD_OUT])
{
	struct process_args args = { 0 };
	const char *list[PROCESS_ARGS + 4];
	size_t n = 0;

	args_make(w, &args);
	for (size_t i = 0; i < 3 && words[i]; i++)
		list[n++] = words[i];
	for (size_t i = 0; i < args.count; i++)
		list[n++] = args.text[i];
	list[n] = NULL;
	return process_run("konklave-update", list, out, WORLD_OUT);
}

int world_do(struct world *w, const char *command, const char *file)
{
	char out[WORLD_OUT], path[128];
	int status;

	(void)snprintf(path, sizeof(path), "%s/%s", w->path, file ? file : "");
	status = world_run(w,
	    (const char *const[3]){ command, file ? path : NULL }, out);
	tap_diag("%s %s: %d %s", command, file ? file : "", status, out);
	return status;
}

void world_says(struct world *w, const char *text)
{
	char out[WORLD_OUT], log[PATH];
	const int status = world_run(w,
	    (const char *const[3]){ "status", "--json" }, out);

	CHECK_EQ(status, 0);
	if (!strstr(out, text)) {
		tap_diag("%s is not in %s", text, out);
		(void)process_of(w, log);
		file_show(log);
	}
	CHECK(strstr(out, text) != NULL);
}

void world_tells(struct world *w, const char *line)
{
	char script[512], out[WORLD_OUT];
	int status;

	(void)snprintf(script, sizeof(script),
	    "i=0; until grep -q -x -e '%s' notices/update; do\n"
	    "	i=$((i + 1)); [ $i -lt 3000 ] || { cat notices/update; exit 1; }\n"
	    "	sleep 0.02\n"
	    "done\n",
	    line);
	status = process_script(w->path, script, out, sizeof(out));
	if (status != 0)
		tap_diag("%s is not told, but %s", line, out);
	CHECK_EQ(status, 0);
}

struct kk_bytes world_seal(void)
{
	struct kk_bytes seal;

	CHECK_OK(program_file_read("tests/fuzz/corpus/bundle_seal/signed",
	    BYTES_MAX, &seal));
	return seal;
}

static void number_write(uint8_t *out, size_t n)
{
	for (size_t i = 8; i > 0; i--, n >>= 8)
		out[i - 1] = (uint8_t)n;
}

void world_bundle(struct world *w, const char *name, enum world_bundle kind,
    const char *board, unsigned version)
{
	const bool is_swapped = kind == WORLD_SLOTS_SWAPPED;
	const unsigned told = kind == WORLD_OTHER_VERSION ? version + 10 :
							    version;
	struct kk_bytes seal = world_seal();
	uint8_t out[BYTES_MAX];
	char path[PATH];
	int n;

	n = snprintf((char *)out, sizeof(out),
	    "%s\n{\"compatible\":\"konklave-%s\",\"version\":\"%u\","
	    "\"format\":\"verity\"}\n%s\n"
	    "new konklave.slot=%s konklave.version=%u \n"
	    "new konklave.slot=%s konklave.version=%u \n",
	    kind == WORLD_UNSIGNED ? "nobody" : "signed", board, version,
	    kind == WORLD_DAMAGED ? "broken" : "whole", is_swapped ? "b" : "a",
	    told, is_swapped ? "a" : "b", told);
	CHECK(n > 0 && (size_t)n + seal.bytes + 8 <= sizeof(out));
	if (kind == WORLD_BAD_SEAL)
		seal.data[25] ^= 2; /* RAUC itself would take it */
	memcpy(out + n, seal.data, seal.bytes);
	number_write(out + n + seal.bytes, seal.bytes);
	(void)snprintf(path, sizeof(path), "%s/%s", w->path, name);
	file_write(path, out, (size_t)n + seal.bytes + 8);
	kk_bytes_clear(&seal);
}
