/* leaks.c - what libraries keep for the process's life is not ours. */

/* Read by the leak sanitizer, where the test is built with it. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\nleak:libpango\nleak:libcairo\n";
}
