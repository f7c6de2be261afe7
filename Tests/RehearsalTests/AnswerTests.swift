import Testing

/// What the world says in a rehearsal.
@Suite struct AnswerTests {
  @Test("what nobody answers succeeds, and a change that succeeded is in place")
  func usual() {
    let main = Rehearsing(
      """
      steps:
        - id: change
          exec: [change]
          applied: {exec: [is-there]}
          verify: [{exec: [is-there], expect: result.stdout == "yes"}]
          rollback: {exec: [undo], verify: [{exec: [is-gone]}]}
        - {id: fetch, http: {url: "http://shop/health"}}
        - {id: ask, effect: observe, prometheus: {server: "http://p", query: up}, expect: result.value == 1.0}
      """)
    let result = main.play("expect: {outcome: succeeded, order: [change], residue: []}")
    #expect(result.complaints.isEmpty, "\(result.complaints)")
    #expect(result.state.overallEvidence == .scripted)
    #expect(result.events.contains { $0.isUsual })
    #expect(result.elapsed == 1_000 + 100 + 1_000 + 1_000)
  }

  @Test("what is said of a check is said of all of it, whatever is turned round inside")
  func turnedRound() {
    let main = Rehearsing(
      """
      steps:
        - id: stop
          exec: [stop]
          applied: {not: {exec: [runs]}}
          verify: [{all: [{exec: [port-is-free]}, {not: {any: [{exec: [runs]}, {not: {exec: [ended]}}]}}]}]
          rollback: {exec: [start], verify: [{not: {not: {exec: [runs]}}}]}
        - {id: look, effect: observe, exec: [look]}
      """)
    #expect(main.play("expect: {outcome: succeeded}").complaints.isEmpty)
    let dies = main.play("faults: [{at: steps.stop, kind: crash-after}]\nexpect: {outcome: succeeded}")
    #expect(dies.complaints.isEmpty, "\(dies.complaints)")
    let startsAgain = main.play("faults: [{at: steps.stop, kind: crash-before}]\nexpect: {outcome: succeeded}")
    #expect(startsAgain.complaints.isEmpty, "\(startsAgain.complaints)")
    let starts = startsAgain.events.count { happened in
      if case .intended(let id, _, _) = happened.event { id.step?.value == 0 } else { false }
    }
    #expect(starts == 2)
    let back = main.play("answers: {steps.look: {exit: 1}}\nexpect: {outcome: rolled-back, residue: []}")
    #expect(back.complaints.isEmpty, "\(back.complaints)")
    let fails = main.play("answers: {steps.stop.verify.0: {holds: false}}\nexpect: {outcome: rolled-back}")
    #expect(fails.complaints.isEmpty, "\(fails.complaints)")
  }

  @Test("answers come attempt by attempt, the last one from then on")
  func attempts() {
    let main = Rehearsing(
      """
      steps:
        - id: change
          exec: [change]
          repeatable: true
          retry: {attempts: 3, delay: 10s}
          rollback: none
          because: it stays
      """)
    let result = main.play(
      """
      answers:
        steps.change: [{exit: 1, takes: 2s}, {exit: 1, takes: 3s}, {exit: 0, takes: 4s}]
      expect: {outcome: succeeded, order: [change], within: 29s}
      """)
    #expect(result.complaints.isEmpty, "\(result.complaints)")
    #expect(result.elapsed == 29_000)
    let fails = main.play(
      "answers: {steps.change: [{exit: 1}]}\nexpect: {outcome: rolled-back, statuses: {steps.change: failed}}")
    #expect(fails.complaints.isEmpty, "\(fails.complaints)")
  }

  @Test("an answer may hold until a time, counted from when the address was first asked")
  func until() {
    let main = Rehearsing(
      """
      steps:
        - id: change
          exec: [change]
          verify: [{exec: [look], every: 2s, within: 60s}]
          rollback: {exec: [undo]}
      """)
    let holds = main.play(
      """
      answers:
        steps.change.verify.0: [{exit: 1, until: 40s}, {exit: 0}]
      expect: {outcome: succeeded}
      """)
    #expect(holds.complaints.isEmpty, "\(holds.complaints)")
    #expect(holds.elapsed > 40_000 && holds.elapsed < 45_000)
    let late = main.play(
      "answers: {steps.change.verify.0: [{exit: 1, until: 70s}, {exit: 0}]}\nexpect: {outcome: rolled-back}")
    #expect(late.complaints.isEmpty, "\(late.complaints)")
  }

  @Test("what must go on holding does so for its time, also where nobody answers it")
  func goesOnHolding() {
    let main = Rehearsing(
      "steps: [{id: change, exec: [a], verify: [{exec: [b], every: 5s, within: 1m, holds: 10m}], rollback: {exec: [c]}}]"
    )
    let usual = main.play("expect: {outcome: succeeded}")
    #expect(usual.complaints.isEmpty)
    #expect(usual.elapsed >= 600_000)
    let lost = main.play(
      "answers: {steps.change.verify.0: [{holds: true, until: 2m}, {holds: false}]}\nexpect: {outcome: rolled-back}")
    #expect(lost.complaints.isEmpty, "\(lost.complaints)")
  }

  @Test("what takes effect is what `expect` takes for a success")
  func successByExpect() {
    let main = Rehearsing(
      """
      steps:
        - id: diff
          exec: [diff]
          expect: result.exit in [0, 2]
          applied: {exec: [is-there]}
          verify: [{exec: [is-there]}]
          rollback: {exec: [undo], expect: result.exit == 3, verify: [{exec: [is-gone]}]}
        - id: del
          http: {url: "http://shop/cart", method: DELETE}
          expect: result.status in [204, 404]
          verify: [{exec: [is-gone]}]
          rollback: none
          because: nobody misses it
        - {id: look, effect: observe, exec: [look]}
      """)
    let answers = "answers: {steps.diff: {exit: 2}, steps.del: {status: 404}, steps.diff.rollback: {exit: 3}"
    #expect(main.play(answers + "}\nexpect: {outcome: succeeded}").complaints.isEmpty)
    let back = main.play(
      answers + ", steps.look: {exit: 1}}\nexpect: {outcome: rolled-back, residue: [steps.del]}")
    #expect(back.complaints.isEmpty, "\(back.complaints)")
  }

  @Test("headers and errors are answers, and a called runbook's step of the same name is another one")
  func answered() {
    let main = Rehearsing(
      """
      steps:
        - {id: get, http: {url: "http://shop"}, outputs: {tag: {type: string, value: "result.headers['etag']"}}}
        - {id: err, effect: observe, exec: [look], outputs: {text: {type: string, value: result.stderr}}}
        - {id: right, assert: steps.get.outputs.tag == 'x' && steps.err.outputs.text == 'boo'}
      """)
    let result = main.play(
      "answers: {steps.get: {headers: {ETag: x}}, steps.err: {stderr: boo}}\nexpect: {outcome: succeeded}")
    #expect(result.complaints.isEmpty, "\(result.complaints)")
  }

  @Test("lengths of time beyond a century are none")
  func tooLong() {
    let main = Rehearsing("steps: [{id: look, effect: observe, exec: [look], timeout: 36500d}]")
    #expect(main.play("answers: {steps.look: {takes: 36499d}}\nexpect: {outcome: succeeded}").complaints.isEmpty)
    #expect(main.mistakes("answers: {steps.look: {takes: 36501d}}").count == 1)
    #expect(main.mistakes("answers: {steps.look: {takes: 106751991167d}}").count == 1)
  }

  @Test("results are read as those of a real run are")
  func results() {
    let main = Rehearsing(
      """
      steps:
        - id: rows
          effect: observe
          exec: [psql]
          outputs: {count: {type: int, value: "int(result.lines[0])"}}
        - id: health
          http: {url: "http://shop/health"}
          expect: result.status == 503 && result.headers['retry-after'] == "5"
          outputs: {state: {type: string, value: result.json.state}}
        - id: rate
          effect: observe
          prometheus: {server: "http://p", query: rate}
          expect: result.value > 0.5
        - id: right
          assert: steps.rows.outputs.count == 42 && steps.health.outputs.state == "down"
      """)
    let scenario = """
      answers:
        steps.rows: {stdout: "42"}
        steps.health: {status: 503, headers: {Retry-After: "5"}, json: {state: down}}
        steps.rate: {value: 0.75}
      """
    let result = main.play(scenario + "\nexpect: {outcome: succeeded}")
    #expect(result.complaints.isEmpty, "\(result.complaints)")
    let low = main.play(
      scenario.replacing("0.75", with: "0.25") + "\nexpect: {outcome: failed, statuses: {steps.rate: failed}}")
    #expect(low.complaints.isEmpty, "\(low.complaints)")
  }

  @Test("outputs may be said themselves, of the type that they have")
  func outputs() {
    let main = Rehearsing(
      """
      steps:
        - id: rows
          effect: observe
          exec: [psql]
          outputs: {count: {type: int, value: "int(result.lines[0])"}}
        - id: watched
          check: {exec: [psql], outputs: {lag: {type: int, value: int(result.stdout)}}}
          outputs: {lag: {type: int, value: result.outputs.lag}}
        - {id: right, assert: steps.rows.outputs.count + steps.watched.outputs.lag == 45}
      """)
    let result = main.play(
      "answers: {steps.rows: {outputs: {count: 42}}, steps.watched: {outputs: {lag: 3}}}\nexpect: {outcome: succeeded}")
    #expect(result.complaints.isEmpty, "\(result.complaints)")
    #expect(
      main.mistakes("answers: {steps.rows: {outputs: {count: many}}}") == [
        "BLY0123 output `count`: `many` is not an integer"
      ])
    #expect(main.mistakes("answers: {steps.rows: {outputs: {conut: 1}}}") == ["BLY0137 it gives no output `conut`"])
  }

  @Test("what is read must be said")
  func needed() {
    let main = Rehearsing(
      """
      steps:
        - id: rows
          effect: observe
          exec: [psql]
          outputs: {count: {type: int, value: "int(result.lines[0])"}}
        - {id: few, when: steps.rows.outputs.count < 9, effect: observe, exec: [look]}
      """)
    let problem =
      "steps.rows is not answered, and what it gives (count) is read: say it under `answers`, with `stdout`, `json` or `outputs`"
    #expect(main.play("").problems == [problem])
    #expect(main.play("answers: {steps.rows: {takes: 3s}}").problems == [problem])
    #expect(main.play("answers: {steps.rows: {exit: 1}}").problems.isEmpty)
    #expect(main.play("answers: {steps.rows: {stdout: '7'}}").outcome == .succeeded)
  }

  @Test("repetitions are answered together, or each by its number")
  func repetitions() {
    let main = Rehearsing(
      """
      steps:
        - id: shift
          for-each: "['a', 'b', 'c']"
          on-failure: continue
          effect: observe
          exec: [look, "${{ item }}"]
        - {id: inside, steps: [{id: deep, effect: observe, exec: [look]}]}
      """)
    let all = main.play(
      "answers: {steps.shift: {exit: 1}}\nexpect: {never: [], statuses: {steps.inside/deep: succeeded}}")
    #expect(all.complaints.isEmpty, "\(all.complaints)")
    let statuses = all.state.stepsInOrder.filter { all.state.status(of: $0) == .failed }.map { all.state.path(of: $0) }
    #expect(statuses.contains("shift[0]") && statuses.contains("shift[2]"), "\(statuses)")
    let one = main.play("answers: {'steps.shift[1]': {exit: 1}}")
    let failed = one.state.stepsInOrder.filter { one.state.status(of: $0) == .failed }.map { one.state.path(of: $0) }
    #expect(failed.filter { $0.hasSuffix("]") } == ["shift[1]"])
  }

  @Test("what is not of the runbook is refused at its place")
  func refused() {
    let main = Rehearsing(
      """
      steps:
        - {id: change, exec: [change], rollback: {exec: [undo]}}
        - {id: fetch, http: {url: "http://shop"}}
        - {id: done, effect: observe, manual: Look.}
        - {id: pause, wait: 3s}
      """)
    #expect(
      main.mistakes("answers: {steps.chnage: {exit: 1}}") == [
        "BLY0137 nothing of the runbook has the address `steps.chnage`"
      ])
    #expect(main.mistakes("answers: {steps.change: {status: 200}}") == ["BLY0105 `status` says nothing of a program"])
    #expect(main.mistakes("answers: {steps.fetch: {exit: 0}}") == ["BLY0105 `exit` says nothing of a request"])
    #expect(main.mistakes("answers: {steps.done: {exit: 0}}") == ["BLY0137 `steps.done` is answered by people"])
    #expect(
      main.mistakes("answers: {steps.pause: {exit: 0}}") == [
        "BLY0137 `steps.pause` asks nothing of the world by itself"
      ])
    #expect(main.mistakes("answers: {steps.change: {exit: 1, holds: true}}").count == 1)
    #expect(main.mistakes("expect: {order: [change, undo chnage]}").count == 1)
    #expect(
      main.mistakes("expect: {residue: [steps.change.rollback]}") == [
        "BLY0137 `steps.change.rollback` is no step"
      ])
    #expect(
      main.mistakes("faults: [{at: steps.change, kind: verify-fails}]") == [
        "BLY0137 `steps.change` is not verified"
      ])
    #expect(
      main.play("faults: [{at: steps.change, kind: timeout}]").problems == [
        "steps.change would go on for ever: nothing bounds its time"
      ])
    #expect(main.mistakes("faults: [{at: records.0, kind: crash-after}]").count == 1)
    #expect(main.mistakes("faults: [{at: records.2, kind: exit}]").count == 1)
    #expect(main.mistakes("then: begin").count == 1)
    #expect(main.mistakes("clock: yesterday").count == 1)
    for address in ["steps.change[7]", "steps[0].change", "steps.change[", "steps.change]"] {
      #expect(main.mistakes("answers: {\"\(address)\": {exit: 1}}").count == 1, "\(address)")
    }
    #expect(main.mistakes("inputs: {none: 1}") == ["BLY0124 the runbook has no input `none`"])
    #expect(main.mistakes("environment: production").count <= 1)
  }
}
