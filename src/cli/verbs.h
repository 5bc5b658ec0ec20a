/* SPDX-License-Identifier: ISC */
/* The tool's verbs: argv[0] is the verb; an exit status. */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

int verb_guide(int argc, char **argv);
int verb_run(int argc, char **argv);
int verb_trace(int argc, char **argv);
int verb_learn(int argc, char **argv);
int verb_explain(int argc, char **argv);
int verb_check(int argc, char **argv);
int verb_why(int argc, char **argv);
int verb_promises(int argc, char **argv);
int verb_profiles(int argc, char **argv);
int verb_diff(int argc, char **argv);
int verb_score(int argc, char **argv);
int verb_lint(int argc, char **argv);
/* What "check" says of it. */
struct strbuf;
void verb_lint_help(struct strbuf *buf);
int verb_filter(int argc, char **argv);
int verb_export(int argc, char **argv);
int verb_doctor(int argc, char **argv);
int verb_serve(int argc, char **argv);

#endif
