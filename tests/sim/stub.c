#include <stdlib.h>

#include "tests/sim/host.h"
#include "tests/sim/wire.h"
void host_open(struct node *node)
{
    (void)node;
    abort();
}
void host_close(struct node *node)
{
    (void)node;
    abort();
}
void host_die(struct node *node)
{
    (void)node;
    abort();
}
void host_rise(struct node *node)
{
    (void)node;
    abort();
}
void host_poke(struct node *node)
{
    (void)node;
    abort();
}
enum refusal host_system(struct node *node, struct command *command)
{
    (void)node;
    (void)command;
    abort();
}
const struct core *host_core(const struct node *node)
{
    (void)node;
    abort();
}
void host_prove(struct node *node)
{
    (void)node;
    abort();
}
void wire_rise(struct port *port)
{
    (void)port;
    abort();
}
void wire_die(struct port *port)
{
    (void)port;
    abort();
}
void wire_close(struct port *port)
{
    (void)port;
    abort();
}
uint64_t wire_submit(struct port *port, const struct command *command, uint32_t user,
                     uint32_t citizen, const char *words)
{
    (void)port;
    (void)command;
    (void)user;
    (void)citizen;
    (void)words;
    abort();
}
void wire_done(struct port *port, uint64_t seq)
{
    (void)port;
    (void)seq;
    abort();
}
