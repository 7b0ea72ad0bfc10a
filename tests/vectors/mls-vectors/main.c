/* main.c - mls-vectors: runs a file of official MLS test vectors. */
#include <stdio.h>
#include <string.h>

#include "vec.h"

static const char help[] =
    "Usage: mls-vectors [--allow-missing-suites] KIND FILE\n"
    "Checks every case of an official MLS vector file.  KIND is the official\n"
    "file's name without its ending (tree-math, treekem, ...).  A case whose\n"
    "cipher suite is not configured fails, or, with --allow-missing-suites,\n"
    "is counted in a line of its own.\n";

struct run {
	struct vec vec;
	bool allows_missing;
	size_t not_run_count;
};

/* Prepares the suite; false when the case ends here. */
static bool suite_get(struct run *run, const struct json *c)
{
	struct vec *v = &run->vec;
	uint64_t id = vec_u64(v, c, "cipher_suite");

	if (vec_failed(v))
		return false;
	v->suite = id <= UINT16_MAX ? crypto_suite_get((uint16_t)id) : NULL;
	if (v->suite)
		return true;
	if (run->allows_missing) {
		printf("NOT RUN case %zu: suite %llu is not configured\n",
		    v->report.case_index, (unsigned long long)id);
		run->not_run_count++;
	} else {
		report_fail(&v->report, "suite %llu is not configured",
		    (unsigned long long)id);
	}
	return false;
}

static void case_run(struct run *run, const struct vec_kind *kind, size_t index,
    const struct json *c)
{
	const size_t not_run_count = run->not_run_count;
	struct vec *v = &run->vec;

	v->suite = NULL;
	report_case_begin(&v->report, index);
	if (vec_true(v, json_is_object(c), "the case") &&
	    (!kind->has_suite || suite_get(run, c)))
		kind->run(v, c);
	vec_release(v);
	if (run->not_run_count == not_run_count)
		report_case_end(&v->report);
}

static int finish(const struct run *run)
{
	if (run->not_run_count)
		printf("%zu not run\n", run->not_run_count);
	return report_finish(&run->vec.report);
}

static int file_run(struct run *run, const struct vec_kind *kind,
    const char *path)
{
	const struct json *root;
	int status = report_load(&root, "mls-vectors", path);

	if (status != REPORT_RUN)
		return status;
	if (!json_is_array(root)) {
		(void)fprintf(stderr, "mls-vectors: %s: no array\n", path);
		json_free(root);
		return REPORT_EXIT_USAGE;
	}
	for (size_t i = 0; i < json_len(root); i++)
		case_run(run, kind, i, json_at(root, i));
	json_free(root);
	return finish(run);
}

int main(int argc, char **argv)
{
	struct run run = { 0 };
	const struct vec_kind *kind;
	int status;

	if (argc > 1 && !strcmp(argv[1], "--allow-missing-suites")) {
		run.allows_missing = true;
		argc--;
		argv++;
	}
	status = report_args(argc, argv, 2, help);
	if (status != REPORT_RUN)
		return status;
	kind = vec_kind_get(argv[1]);
	if (!kind) {
		(void)fprintf(stderr, "mls-vectors: unknown kind %s\n",
		    argv[1]);
		return REPORT_EXIT_USAGE;
	}
	if (crypto_init()) {
		(void)fprintf(stderr, "mls-vectors: no crypto library\n");
		return REPORT_EXIT_USAGE;
	}
	return file_run(&run, kind, argv[2]);
}
