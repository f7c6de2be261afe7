/// The POSIX `sh` programs that run a program elsewhere and end it when their standard input closes.
///
/// 1. Everything about the program comes on standard input, once the wrapper has said that it is there: words, variables
///    and input are in no argument list but the program's own. A message that does not arrive whole starts nothing, and a
///    connection that was never made has started nothing.
/// 2. `read` takes a byte at a time from a pipe, so that what follows a line is still there: the wrapper reads up to its
///    mark, the inner shell up to its own, and the program gets the rest.
/// 3. The program leads a session of its own where there is `setsid`, else a process group where the shell can make one;
///    the wrapper says so where it can make neither.
/// 4. What the wrapper says, it says on standard error, in lines that begin with a number nobody can guess.
/// 5. Each text is one line, and has neither a quotation mark, a backslash but for `\n`, nor an exclamation mark that a
///    login shell of another family (csh, fish) would take for its own.
/// 6. `kill -SIGNAL -GROUP` without `--` is what dash, bash, ksh and busybox all understand.
enum FarWrapper {
  /// Arguments: the marks' number, the inner shell's text, seconds from TERM to KILL.
  static let outer = oneLine(
    #"""
    n=$1; inner=$2; grace=$3; trap : HUP PIPE;
    case $(command -v printf) in printf) ;; *) echo "$n unable" >&2; exit 1;; esac;
    nl=$(printf "\nx"); nl=${nl%x};
    echo "$n ready" >&2;
    all=; part=; whole=; c=0;
    while IFS= read -r line; do
    case $line in "$n end") whole=1; break;; esac;
    part=$part$line$nl; c=$((c+1));
    if [ $c -ge 200 ]; then all=$all$part; part=; c=0; fi;
    done;
    [ "$whole" ] || exit 1;
    all=$all$part; all=${all%"$nl"}; part=;
    exec 3<&0 </dev/null;
    if setsid=$(command -v setsid); then
    printf %s "$all" 2>/dev/null 3<&- | "$setsid" sh -c "$inner" sh "$n" 3<&- & p=$!;
    else
    set -m 2>/dev/null;
    case $- in
    *m*) ( trap : TERM; printf %s "$all" 2>/dev/null | sh -c "$inner" sh "$n" ) 3<&- & p=$! ;;
    *) printf %s "$all" 2>/dev/null 3<&- | sh -c "$inner" sh "$n" 3<&- & p=$!; echo "$n ungrouped" >&2 ;;
    esac;
    set +m 2>/dev/null;
    fi;
    all=;
    group() { kill "-$1" "-$p"; };
    ending() { group "$1" || kill "-$1" "$p"; };
    { trap : HUP PIPE; while IFS= read -r line; do :; done;
    ending TERM; ending CONT; c=0;
    while [ $c -lt $grace ] && ending 0; do sleep 1; c=$((c+1)); done;
    ending KILL; } <&3 >/dev/null 2>&1 & w=$!;
    exec 3<&-;
    while :; do wait "$p" 2>/dev/null; s=$?; kill -0 "$p" 2>/dev/null || break; done;
    { if group 0; then sleep 0.1 || sleep 1; fi;
    if group TERM; then left=1; group CONT; c=0;
    while [ $c -lt 20 ] && group 0; do sleep 0.1 || sleep 1; c=$((c+1)); done;
    group KILL; fi;
    kill "$w"; } 2>/dev/null;
    [ -z "$left" ] || echo "$n left" >&2;
    echo "$n exit $s" >&2
    """#)

  /// Argument: the marks' number. Evaluates what stands before the mark, which becomes the program.
  ///
  /// A bash that finds itself the first shell of an SSH connection would read the user's start-up files (bash(1),
  /// "INVOCATION"): SHLVL says that it is not.
  static let inner = oneLine(
    #"""
    SHLVL=1; export SHLVL;
    n=$1; nl=$(printf "\nx"); nl=${nl%x}; all=; part=; c=0;
    while IFS= read -r line; do
    case $line in "$n code") eval "$all$part"; exit 127;; esac;
    part=$part$line$nl; c=$((c+1));
    if [ $c -ge 200 ]; then all=$all$part; part=; c=0; fi;
    done; exit 127
    """#)

  private static func oneLine(_ text: String) -> String { text.split(separator: "\n").joined(separator: " ") }

  /// A word as every POSIX shell, csh and fish read it, provided that it keeps to rule 5 where it is not for POSIX.
  static func quoted(_ word: String) -> String {
    "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
  }
}
