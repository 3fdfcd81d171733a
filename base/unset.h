/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * UNSET: a large local buffer of which nobody reads more than was written. A release sets all other
 * locals to zero (cmake/flags.cmake), which for kilobytes costs more than what is done with them. */
#ifndef BASE_UNSET_H
#define BASE_UNSET_H

#define UNSET __attribute__((uninitialized))

#endif
