/*
 * sandbox.h - an engine with faults, for tests.  Zones: none of the product's.
 *
 * It computes with OpenSSL, and does wrong what its owner asks for.  Its name,
 * to be wanted by, is "sandbox".
 */
#pragma once
#include "drivers/crypto-engine/engine.h"

enum engine_fault {
	ENGINE_FAULT_NONE,
	ENGINE_FAULT_TEXT, /* a wrong byte in out, under a tag as it should be
			    */
	ENGINE_FAULT_TAG, /* a wrong tag; a good one refused */
	ENGINE_FAULT_ACCEPT, /* a wrong tag accepted */
	ENGINE_FAULT_ERROR, /* the job fails */
	ENGINE_FAULT_KEY /* no key can be made */
};

struct engine_sandbox { /* the owner's; may be changed at any time */
	enum engine_fault fault;
	uint64_t jobs; /* counted by the engine */
};
