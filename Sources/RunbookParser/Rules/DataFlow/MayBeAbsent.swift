import Diagnostics

extension RuleDescription {
  static let mayBeAbsent = RuleDescription(
    .mayBeAbsent, .error, "A value is used that may be absent",
    explanation: #"""
      An optional input may not be given; a step may be skipped or have failed before it gave its outputs; and a
      way back may run because its own step failed before its outputs were there. Ask first, with `has(…)`,
      `steps.ID.status == 'succeeded'` or the `when` of the step that reads. Only `has(…)` will do where a step may have
      succeeded without them: a precondition spared it (`otherwise: done`), or a choice inside it ended the run. What a
      runbook gives may rest on a step that such a choice left out.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs: {note: {type: string, required: false}}
        steps:
          - id: show
            effect: observe
            exec: [echo, "${{ «inputs.note» }}"]

        """#),
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: make
            exec: [mktemp, -d]
            repeatable: true
            outputs: {path: {type: string, value: "result.lines[0]"}}
            verify: [{exec: ["true"]}]
            rollback: {exec: [rmdir, "${{ «steps.make.outputs.path» }}"], repeatable: true}

        """#),
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: ask
            decide: {question: Count them now?, options: [{id: now}, {id: later, ends: stop}]}
          - id: count
            effect: observe
            exec: [nproc]
            outputs: {processors: {type: int, value: "int(result.lines[0])"}}
        outputs:
          processors: {type: int, value: «steps.count.outputs.processors»}

        """#),
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs: {note: {type: string, required: false}}
        steps:
          - id: make
            exec: [mktemp, -d]
            repeatable: true
            outputs: {path: {type: string, value: "result.lines[0]"}}
            verify: [{exec: ["true"]}]
            rollback:
              when: has(steps.make.outputs.path)
              exec: [rmdir, "${{ has(steps.make.outputs.path) ? steps.make.outputs.path : '' }}"]
              repeatable: true
          - id: show
            effect: observe
            exec: [echo, "${{ has(inputs.note) ? inputs.note : 'nothing to note' }}"]

        """#)
    ])
}
