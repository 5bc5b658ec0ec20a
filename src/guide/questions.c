/* SPDX-License-Identifier: ISC */
/* The table of questions. */
#include "guide/state.h"

const struct question_row question_rows[ASK_NOTHING] = {
	[ASK_COMMAND] = { .prompt = "command",
	    .help = "The program and its arguments, with blanks between them. "
	            "No shell reads it: a word with blanks stands in \"...\" "
	            "or '...'. Nothing is run yet.",
	    .take = take_command,
	    .paths = true },
	[ASK_WATCH] = { .prompt = "watch it (y/n)",
	    .help =
	        "y runs the command once, with all your powers (or, with "
	        "--within, those of that policy), and notes each system "
	        "call, so that promises and paths can be suggested. n goes on without; you choose yourself.",
	    .show = show_watch,
	    .take = take_watch },
	[ASK_INPUT] = { .prompt = "its input (Enter: empty)",
	    .help = "What the command reads as its standard input while it is "
	            "watched: a file, or nothing (/dev/null). The keyboard "
	            "is not given to it.",
	    .take = take_input,
	    .paths = true },
	[ASK_CALLS] = { .prompt = "calls",
	    .help =
	        "Each system call that it made, how often, the promise that "
	        "covers it, and an example. \"|\" stands between promises "
	        "of which one is enough, \"+\" between those that are "
	        "needed together; (always) needs none, (none) has none.",
	    .applies = calls_apply,
	    .show = show_calls,
	    .take = take_calls,
	    .word = calls_word },
	[ASK_PROMISES] = { .prompt = "promises",
	    .help = "A promise is a word for what a command may do; all else "
	            "is refused. Write the words it shall have (stdio rpath "
	            "inet), or changes (+tty -inet), or \"none\". "
	            "\"seccomp-pledge promises WORD\" lists a word's calls.",
	    .show = show_promises,
	    .take = take_promises,
	    .word = promise_word },
	[ASK_PATHS] = { .prompt = "paths",
	    .help =
	        "Each path stands for itself and all beneath it. r: read, "
	        "w: write, x: execute, c: create and remove; a promise that "
	        "gives the power is needed as well (rpath, wpath, exec, "
	        "cpath). \".\" is the directory where the command runs. A "
	        "path that may be missing: r:-PATH.",
	    .show = show_paths,
	    .take = take_paths,
	    .paths = true },
	[ASK_FILTERS] = { .prompt = "how many filters (Enter: 0)",
	    .help = "A filter of your own refuses calls that the promises "
	            "allow, or watches them: for example, accept4 always, or "
	            "openat with O_CREAT among its flags. It can allow nothing "
	            "that the promises refuse. Most commands need none.",
	    .show = show_filters,
	    .take = take_filters },
	[ASK_FILTER_NAME] = { .prompt = "name",
	    .help = "What the filter is called in its file, so that it can be "
	            "named: -f FILE:NAME.",
	    .show = show_filter_name,
	    .take = take_filter_name },
	[ASK_CALL] = { .prompt = "call",
	    .help = "The name of a system call, like accept4. Each makes a "
	            "rule; rules about the same call are alternatives.",
	    .show = show_call,
	    .take = take_call,
	    .word = call_word },
	[ASK_WHEN] = { .prompt = "every one, or by argument (u/a)",
	    .help = "u: the rule matches each such call. a: only those whose "
	            "arguments pass the tests that you give; all of them must "
	            "hold.",
	    .show = show_when,
	    .take = take_when },
	[ASK_ARGUMENT] = { .prompt = "argument",
	    .help = "Which argument is tested, counted from 0. A filter sees "
	            "the number alone: of a pointer the address, not what is "
	            "there.",
	    .show = show_argument,
	    .take = take_argument,
	    .word = argument_word },
	[ASK_OPERATOR] = { .prompt = "comparison",
	    .help = "Numbers are compared without signs. masked_eq looks at "
	            "some bits only: those of the mask.",
	    .show = show_operator,
	    .take = take_operator,
	    .word = operator_word },
	[ASK_SIZE] = { .prompt = "size",
	    .help =
	        "Registers have 64 bits, and for an int the kernel looks at "
	        "32 of them: then dword is right, as a program could put "
	        "anything into the others. Pointers and sizes are qword.",
	    .show = show_size,
	    .take = take_size,
	    .word = size_word },
	[ASK_VALUE] = { .prompt = "value",
	    .help =
	        "Decimal, hexadecimal (0x1f) or octal (017) numbers, -1, or "
	        "names from the kernel's headers, joined with |.",
	    .show = show_value,
	    .take = take_value,
	    .word = value_word },
	[ASK_COMMENT] = { .prompt = "comment",
	    .help = "It is kept in the file, and said when the rule refuses "
	            "something.",
	    .show = show_comment,
	    .take = take_comment },
	[ASK_MATCH] = { .prompt = "action on a match",
	    .help =
	        "The first word is the action; errno and trace take another "
	        "behind it. An error is a name (EPERM) or a number.",
	    .show = show_match,
	    .take = take_match,
	    .word = action_word },
	[ASK_MISMATCH] = { .prompt = "action otherwise",
	    .help = "What all calls get that no rule matches. It must differ "
	            "from the action on a match. \"allow\" leaves them to the "
	            "promises.",
	    .show = show_mismatch,
	    .take = take_mismatch,
	    .word = action_word },
	[ASK_REVIEW] = { .prompt = "go on",
	    .help = "This is all that was chosen. Nothing of it is saved or in "
	            "force yet.",
	    .show = show_review,
	    .take = take_review,
	    .word = review_word },
	[ASK_SAVE_FILTERS] = { .prompt = "save the filters",
	    .help = "They are written in seccompiler's JSON; -f FILE:NAME and "
	            "the policy read them from there.",
	    .applies = save_filters_applies,
	    .show = show_save,
	    .take = take_save,
	    .paths = true },
	[ASK_SAVE_POLICY] = { .prompt = "save the policy",
	    .help =
	        "seccomp-pledge run -i FILE -- COMMAND runs a command under "
	        "it; it is text that you can change.",
	    .show = show_save,
	    .take = take_save,
	    .paths = true },
	[ASK_SAVE_TRACE] = { .prompt = "save the trace",
	    .help = "Every call of the watched run, an object of JSON a line.",
	    .applies = save_trace_applies,
	    .show = show_save,
	    .take = take_save,
	    .paths = true },
	[ASK_RUN] = { .prompt = "run it, confined (y/n)",
	    .help =
	        "y runs the command under the policy, with the standard "
	        "input, output and error of this program. What it is denied "
	        "is said afterwards.",
	    .take = take_run },
	[ASK_ADD] = { .prompt = "add and run again (y/n)",
	    .help =
	        "y adds what is named to the policy, nothing else, and runs "
	        "the command again from its beginning. n leaves the policy "
	        "as it is: what is denied stays denied.",
	    .applies = add_applies,
	    .show = show_add,
	    .take = take_add },
	[ASK_SAVE_AGAIN] = { .prompt = "save the policy",
	    .help =
	        "The policy has changed since it was last saved, or was not "
	        "saved.",
	    .applies = save_again_applies,
	    .show = show_save,
	    .take = take_save,
	    .paths = true },
	[ASK_REPLACE] = { .prompt = "replace it (y/n)",
	    .help = "y replaces the file, whole; n asks for another name.",
	    .applies = replace_applies,
	    .show = show_replace,
	    .take = take_replace },
};
