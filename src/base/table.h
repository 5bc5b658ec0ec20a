/* SPDX-License-Identifier: ISC */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
