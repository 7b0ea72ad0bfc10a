/* ice_login.c - files with logins and secrets. */
#include <stdlib.h>
#include <string.h>

#include "ice/ice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct ice_config config = { .server_count = 0 };
	const struct kk_view file = kk_view_of(data, bytes);

	if (!ice_config_login_set(&config, file)) {
		must(config.login.user[0] && config.login.password[0]);
		must(!strchr(config.login.user, ':'));
	} else {
		must(!config.login.user[0] && !config.login.password[0]);
	}
	if (!ice_config_secret_set(&config, file))
		must(config.secret_bytes > 0);
	return 0;
}
