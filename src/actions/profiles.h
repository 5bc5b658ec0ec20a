/* SPDX-License-Identifier: ISC */
#ifndef ACTIONS_PROFILES_H
#define ACTIONS_PROFILES_H

#include "base/diag.h"
#include "base/strbuf.h"

/*
 * Lists the profiles that -i finds by name, with their files, or (NAME) prints
 * the one called so as it will be read.  -ENOENT, -EINVAL.
 */
int profiles_describe(const char *name, struct strbuf *buf, struct diag *diag);

#endif
