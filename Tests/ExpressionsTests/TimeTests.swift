import Expressions
import Testing

@Suite struct TimeTests {
  @Test(
    "sums, differences and parts",
    arguments: [
      "timestamp('2026-01-12T03:14:00Z') + duration('1h') == timestamp('2026-01-12T04:14:00Z')",
      "duration('1h') + timestamp('2026-01-12T03:14:00Z') == timestamp('2026-01-12T04:14:00Z')",
      "timestamp('2026-01-12T03:14:00Z') - duration('1h') == timestamp('2026-01-12T02:14:00Z')",
      "timestamp('2026-01-12T03:14:00Z') - timestamp('2026-01-12T03:13:00Z') == duration('60s')",
      "timestamp('2026-01-12T03:13:00Z') - timestamp('2026-01-12T03:14:00Z') == duration('-1m')",
      "duration('1h') + duration('30m') == duration('90m')", "duration('1h') - duration('90m') == duration('-30m')",
      "duration('1.5h') == duration('90m')", "duration('1h1m1s1ms1us1ns') > duration('1h1m1s1ms1us')",
      "timestamp('2009-02-13T23:31:30Z').getFullYear() == 2009", "timestamp('2009-02-13T23:31:30Z').getMonth() == 1",
      "timestamp('2009-02-13T23:31:30Z').getDate() == 13", "timestamp('2009-02-13T23:31:30Z').getDayOfMonth() == 12",
      "timestamp('2009-02-13T23:31:30Z').getDayOfWeek() == 5", "timestamp('2009-02-13T23:31:30Z').getDayOfYear() == 43",
      "timestamp('2009-02-13T23:31:30Z').getHours() == 23", "timestamp('2009-02-13T23:31:30Z').getMinutes() == 31",
      "timestamp('2009-02-13T23:31:30Z').getSeconds() == 30",
      "timestamp('2009-02-13T23:31:20.123456789Z').getMilliseconds() == 123",
      "timestamp('2009-02-13T23:31:30Z').getDate('+11:00') == 14",
      "timestamp('2009-02-13T23:31:30Z').getHours('02:00') == 1",
      "timestamp('2009-02-13T23:31:30Z').getMinutes('-02:30') == 1",
      "timestamp('2009-02-13T23:31:30Z').getHours('UTC') == 23",
      "timestamp('2009-01-01T00:00:00Z').getFullYear('-00:01') == 2008",
      "timestamp('2009-01-01T00:00:00Z').getDayOfYear('-00:01') == 365",
      "timestamp('2000-02-29T12:00:00Z').getDayOfYear() == 59", "timestamp('0001-01-01T00:00:00Z').getFullYear() == 1",
      "timestamp('1969-12-31T23:59:59Z').getSeconds() == 59", "timestamp('1969-12-28T00:00:00Z').getDayOfWeek() == 0",
      "duration('10000s').getHours() == 2", "duration('3730s').getMinutes() == 62",
      "duration('3730s').getSeconds() == 3730",
      "duration('123.321456789s').getMilliseconds() == 321", "duration('-90m').getHours() == -1",
    ])
  func arithmetic(source: String) { #expect(isTrue(source)) }

  @Test(
    "what leaves the years 1 to 9999 errs",
    arguments: [
      "timestamp('9999-12-31T23:59:59Z') + duration('1s')", "timestamp('0001-01-01T00:00:00Z') - duration('1ns')",
      "duration('315576000000s') + duration('1s')", "duration('-315576000000s') - duration('1s')",
      "timestamp(0) + timestamp(0)", "timestamp(0) + 1", "duration('1s') - timestamp(0)", "duration('1s') * 2",
    ])
  func range(source: String) throws { #expect(try failure(source) != nil) }

  @Test("an unknown zone errs")
  func unknownZone() throws {
    #expect(try failure("timestamp(0).getHours('Europe/Berlin')") == "there is no time zone `Europe/Berlin`")
    #expect(try failure("timestamp(0).getHours('+25:00')") != nil)
    #expect(try failure("timestamp(0).getHours('')") != nil)
    #expect(try failure("duration('1s').getHours('UTC')") != nil)
    #expect(try failure("duration('1s').getFullYear()") != nil)
  }

  private struct Berlin: TimeZones {
    func offset(of zone: String, at time: Timestamp) -> Int64? {
      guard zone == "Europe/Berlin" else { return nil }
      return time.seconds < 1_774_746_000 ? 3600 : 7200
    }
  }

  @Test("the scope says what zones with names there are")
  func namedZone() throws {
    let names = Names(zones: Berlin())
    func value(_ source: String) throws -> Value { try Expression.parse(source).get().evaluate(in: names) }
    #expect(try value("timestamp('2026-01-12T03:14:00Z').getHours('Europe/Berlin')") == .int(4))
    #expect(try value("timestamp('2026-07-12T23:14:00Z').getHours('Europe/Berlin')") == .int(1))
    #expect(try value("timestamp('2026-07-12T23:14:00Z').getDate('Europe/Berlin')") == .int(13))
    #expect(throws: EvaluationError.self) { try value("timestamp(0).getHours('Mars/Phobos')") }
  }

  @Test("times and durations take their parts apart")
  func parts() {
    #expect(Timestamp(milliseconds: -1).milliseconds == -1)
    #expect(Timestamp(milliseconds: 1_768_187_640_500).description == "2026-01-12T03:14:00.5Z")
    #expect(ExactDuration(milliseconds: -1500).description == "-1.5s")
    #expect(ExactDuration(milliseconds: 300_000).milliseconds == 300_000)
    #expect(ExactDuration("7d", days: true) == ExactDuration(seconds: 604_800))
    #expect(ExactDuration("7d") == nil)
  }
}
