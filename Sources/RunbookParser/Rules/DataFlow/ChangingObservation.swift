import Diagnostics

extension RuleDescription {
  static let changingObservation = RuleDescription(
    .changingObservation, .warning, "What only observes seems to change something",
    explanation: #"""
      Checks, and steps with `effect: observe`, are really done in a dry run and are done again on a resume,
      without asking and without a way back. Commands that are known to change something have no place in them:
      `rm`, `mv`, `kubectl delete`, `systemctl restart`, SQL that writes, `curl -X DELETE` and their like, also
      inside of scripts, `sh -c`, `sudo` and `kubectl exec`. What a script made with `mktemp` it may remove.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: look
            effect: observe
            exec: [kubectl, --context, test, «delete», pod, web-1]

        """#),
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: look
            effect: observe
            run: |
              set -o noglob
              if pgrep server > /dev/null; then
                sudo -n systemctl «restart» server
              fi

        """#),
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        checks:
          clean:
            exec: [psql, -Atc, «"delete from sessions where old; select count(*) from sessions"»]
            expect: result.stdout.trim() == '0'
        steps:
          - id: look
            check: clean

        """#),
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: look
            effect: observe
            exec: [kubectl, --context, test, get, pod, web-1]
          - id: restart
            run: |
              if pgrep server > /dev/null; then
                sudo -n systemctl restart server
              fi
            repeatable: true
            verify: [{exec: [systemctl, is-active, server]}]
            rollback: none
            because: A server that was restarted stays so.
          - id: compare
            effect: observe
            run: |
              list="$(mktemp)"
              ls /srv > "$list"
              diff "$list" /srv/expected
              rm -f "$list"

        """#)
    ])
}
