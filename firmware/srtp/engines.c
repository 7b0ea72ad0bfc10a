/* engines.c - objects over crypto engines. */
#include "srtp/backend.h"

enum kk_err srtp_tx_new_on(struct srtp_tx **txp, struct engine_set *engines,
    enum srtp_profile profile, struct kk_view key, struct kk_view salt,
    size_t ssrcs_max)
{
	return srtp_tx_make(txp, &srtp_backend_engine, engines, profile, key,
	    salt, ssrcs_max);
}

enum kk_err srtp_rx_new_on(struct srtp_rx **rxp, struct engine_set *engines,
    enum srtp_profile profile, struct kk_view key, struct kk_view salt,
    size_t ssrcs_max)
{
	return srtp_rx_make(rxp, &srtp_backend_engine, engines, profile, key,
	    salt, ssrcs_max);
}
