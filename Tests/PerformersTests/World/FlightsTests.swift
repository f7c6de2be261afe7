import RunEngine
import RunbookExecutor
import Synchronization
import Testing

@testable import Performers

/// What a performer has in flight: each effect has one end, whatever comes when.
@Suite struct FlightsTests {
  private let a = EffectID(step: StepIndex(0), slot: .action, serial: 1)
  private let b = EffectID(step: StepIndex(1), slot: .action, serial: 1)
  private let action = ResolvedAction.program(ResolvedProgram(arguments: ["true"]))

  @Test("what is pending is taken in order, and may be stopped before it is started")
  func pending() throws {
    var flights = Flights()
    flights.prepare(a, pending: action)
    flights.prepare(b, pending: action)
    #expect(flights.pendingCount == 2)
    #expect(flights.stop(a) == false)
    #expect(flights.nextPending()?.id == a)
    #expect(flights.start(a) == false)
    #expect(flights[a] == nil)
    #expect(flights.nextPending()?.id == b)
    #expect(flights.start(b) == true)
    #expect(flights.nextPending() == nil)
  }

  @Test("what is stopped while it is being started is stopped once it runs")
  func starting() {
    var flights = Flights()
    flights.prepare(a)
    #expect(flights.start(a) == true)
    #expect(flights.stop(a) == false)
    #expect(flights.begin(a, .program(RunningProcess(id: 1))) == true)
  }

  @Test("what has ended before it was known to run is not in flight")
  func endsAtOnce() {
    var flights = Flights()
    flights.prepare(a)
    #expect(flights.start(a) == true)
    flights.end(a)
    #expect(flights.begin(a, .program(RunningProcess(id: 1))) == false)
    #expect(flights[a] == nil)
  }

  @Test("Invariant 1: once nothing is started any more, what is being started goes on, and all that waits is over")
  func invariant1_startsNothingMore() {
    var flights = Flights()
    let running = EffectID(step: StepIndex(2), slot: .action, serial: 1)
    let starting = EffectID(step: StepIndex(3), slot: .action, serial: 1)
    let waiting = EffectID(step: StepIndex(4), slot: .action, serial: 1)
    let preparing = EffectID(step: StepIndex(5), slot: .action, serial: 1)
    flights.prepare(running)
    #expect(flights.start(running) == true)
    #expect(flights.begin(running, .program(RunningProcess(id: 1))) == false)
    flights.prepare(waiting)
    #expect(flights.start(waiting) == true)
    let waits = flights.wait(waiting) {}
    #expect(waits)
    flights.prepare(preparing)
    flights.prepare(starting)
    #expect(flights.start(starting) == true)
    flights.prepare(a, pending: action)

    #expect(Set(flights.stopUnstarted()) == [a, waiting])
    #expect(flights.nextPending() == nil)
    #expect(flights.next() == nil)
    // Its secrets are there now: its end is told by who reads them.
    #expect(flights.start(preparing) == false)
    // There was no room for it: it does not wait for some.
    let waitsNow = flights.wait(starting) {}
    #expect(!waitsNow)
    #expect(flights.stop(running) == false)
    // What another part of the performer wants to start again is not started, either.
    flights.prepare(b)
    #expect(flights.start(b) == false)
  }

  @Test("what waits for room is started as it would have been")
  func room() {
    var flights = Flights()
    flights.prepare(a)
    #expect(flights.start(a) == true)
    // Nothing runs whose end could make room.
    let waits = flights.wait(a) {}
    #expect(!waits)
    flights.prepare(b)
    #expect(flights.start(b) == true)
    #expect(flights.begin(b, .program(RunningProcess(id: 1))) == false)
    let hasStarted = Started()
    let waitsForRoom = flights.waitIfFull(a, atMost: 1) { hasStarted.value.store(true, ordering: .relaxed) }
    #expect(waitsForRoom)
    #expect(flights.isWaiting(a))
    let next = flights.next()
    #expect(next?.id == a)
    next?.start()
    let wasStarted = hasStarted.value.load(ordering: .relaxed)
    #expect(wasStarted)
  }

  private final class Started: Sendable {
    let value = Atomic(false)
  }
}
