/* plan_lines.c - the command lines of the telephone lines' member. */
#include "tools/sandbox/sandbox.h"

void sandbox_plan_lines_roomd(const struct sandbox *s,
    const struct sandbox_box *b, struct sandbox_args *a)
{
	char *dial_in = sandbox_dial_in_path(s);

	sandbox_args_add(a,
	    dial_in ? sandbox_text("--dial-in=%s", dial_in) : NULL);
	kk_free(dial_in);
	sandbox_args_add(a,
	    sandbox_text("--follow=%s/roomd%s.face", s->run, s->box[0].tag));
	sandbox_args_add(a,
	    sandbox_text("--socket=lines:%s/roomd%s.lines", s->run, b->tag));
	sandbox_args_add(a,
	    sandbox_text("--socket=panel:%s/roomd%s.panel", s->run, b->tag));
	sandbox_args_add(a, sandbox_text("--lines=%u", s->options.lines));
}

void sandbox_plan_mixd(const struct sandbox *s, const struct sandbox_box *b,
    struct sandbox_args *a)
{
	sandbox_args_add(a,
	    sandbox_text("--keyd=%s/keyd%s.media", s->run, b->tag));
	sandbox_args_add(a,
	    sandbox_text("--roomd=%s/roomd%s.media", s->run, b->tag));
	sandbox_args_add(a,
	    sandbox_text("--socket=lines:%s/mixd.lines", s->run));
	sandbox_args_add(a, sandbox_text("--lines=%u", s->options.lines));
}

void sandbox_plan_lined(const struct sandbox *s, const struct sandbox_box *b,
    struct sandbox_args *a)
{
	const struct sandbox_options *o = &s->options;

	sandbox_args_add(a,
	    sandbox_text("--roomd=%s/roomd%s.lines", s->run, b->tag));
	sandbox_args_add(a, sandbox_text("--mixd=%s/mixd.lines", s->run));
	sandbox_args_add(a, sandbox_text("--lines=%u", o->lines));
	sandbox_args_add(a, sandbox_text("--state=%s/lined", b->folder));
	sandbox_args_add(a, sandbox_text("--prompts=%s", o->prompts));
	sandbox_args_add(a,
	    sandbox_text("--language=%s", s->is_german ? "de" : "en"));
	sandbox_args_add(a,
	    sandbox_text("--listen=udp:0.0.0.0:%u",
		sandbox_port(o, SANDBOX_SIP)));
	sandbox_args_add(a,
	    sandbox_text("--listen=tcp:0.0.0.0:%u",
		sandbox_port(o, SANDBOX_SIP)));
	sandbox_args_add(a,
	    sandbox_text("--listen=tls:0.0.0.0:%u",
		sandbox_port(o, SANDBOX_SIP_TLS)));
	sandbox_args_add(a, sandbox_text("--certificate=%s/sip", s->site));
	sandbox_args_add(a,
	    sandbox_text("--rtp-ports=%u-%u", o->port + SANDBOX_RTP,
		o->port + sandbox_ports(o) - 1));
	/* Whoever is in this network may call, and needs the PIN. */
	sandbox_args_add(a, sandbox_text("--calls-from=anybody"));
}
