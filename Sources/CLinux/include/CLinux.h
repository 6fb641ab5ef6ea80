#ifndef TOKEND_CLINUX_H
#define TOKEND_CLINUX_H
#endif
