#!/usr/bin/env bash
# Check the plans, hand summary and verdict on to the job, and leave with the exit code of the check.
#
# Reads SCENARIOS (one a line, patterns are expanded), ARGUMENTS, UNDECIDED (fail or warn) and JUNIT, and of the runner
# GITHUB_STEP_SUMMARY and GITHUB_OUTPUT. Nothing of them is run as code.
set -uo pipefail

case "$UNDECIDED" in
  fail | warn) ;;
  *)
    echo "::error title=simrisk::undecided must be fail or warn."
    exit 2
    ;;
esac

shopt -s nullglob
IFS=$'\n'
# shellcheck disable=SC2206  # patterns are to be expanded, spaces are not to part names
files=($SCENARIOS)
IFS=$' \t\n'
read -r -d '' -a arguments <<<"$ARGUMENTS" || true
if [ "${#files[@]}" -eq 0 ]; then
  echo "::error title=simrisk::No scenario found: the input 'scenarios' names none."
  exit 2
fi

summary="$(mktemp)"
trap 'rm -f "$summary"' EXIT
rm -f -- "$JUNIT" # what an earlier step has left would be taken for this check's
simrisk check --annotations github --junit "$JUNIT" --markdown "$summary" \
  ${arguments[@]+"${arguments[@]}"} -- "${files[@]}"
code=$?

case "$code" in
  0) verdict=PASS ;;
  3) verdict=FAIL ;;
  4) verdict=UNDECIDED ;;
  *) verdict=ERROR ;;
esac
cat "$summary" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
{
  echo "verdict=$verdict"
  echo "exit-code=$code"
} >>"${GITHUB_OUTPUT:-/dev/null}"

if [ "$verdict" = UNDECIDED ] && [ "$UNDECIDED" = warn ]; then
  exit 0
fi
exit "$code"
