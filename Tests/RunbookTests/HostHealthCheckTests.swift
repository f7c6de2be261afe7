import BelayTestSupport
import Glibc
import Testing

/// The runbook on the host that the tests run on, with thresholds that it must or cannot meet.
@Suite("Host health check") struct HostHealthCheckTests {
  /// Thresholds that every host meets.
  private static let lenient = [
    "max-disk-percent": "100", "min-memory-percent": "0", "max-load-per-processor": "1000000",
  ]

  private func runbook(_ inputs: [String: String] = [:]) -> ProjectRunbook {
    ProjectRunbook("daily/host-health-check.yaml", inputs: Self.lenient.merging(inputs) { _, given in given })
  }

  @Test("A host within its thresholds passes, and what was seen is shown") func passes() {
    let runbook = runbook(["file-systems": #"["/"]"#])
    let result = runbook.run()
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    let shown = runbook.last("show").output
    #expect(shown.contains("/: "))
    #expect(shown.contains("% of the space"))
    #expect(shown.contains("GiB are available"))
    #expect(shown.contains("processors over five minutes"))
    #expect(shown.contains("– certificate-files  skipped"))
    #expect(shown.contains("– processes  skipped"))
  }

  @Test("A dry run looks at the same things") func dryRun() {
    let result = runbook().run("--dry-run")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
  }

  @Test("A failed point is named and hides no other one") func failedPoint() {
    let runbook = runbook(["min-memory-percent": "100", "processes": #"["no-such-program"]"#])
    let result = runbook.run()
    #expect(result.status == 1)
    let shown = runbook.last("show").output
    #expect(shown.contains("✗ memory  failed"))
    #expect(shown.contains("% available, less than 100 %"))
    #expect(shown.contains("✗ processes  failed"))
    #expect(shown.contains("no-such-program does not run"))
    #expect(shown.contains("✓ disk  succeeded"))
    #expect(shown.contains("✓ load  succeeded"))
  }

  @Test("A file system over its threshold is named") func fullDisk() {
    let result = runbook(["max-disk-percent": "0", "file-systems": #"["/"]"#]).run()
    #expect(result.status == 1)
    #expect((result.output + result.errors).contains("more than 0 % used: /: "))
  }

  @Test("A program that runs is found") func process() {
    // The kernel cuts names to 15 bytes; what is named may be longer.
    let name = (TestFile.read("/proc/self/comm") ?? "").prefix { $0 != "\n" }
    let result = runbook(["processes": "[\"\(name)\"]"]).run()
    #expect(result.status == 0, "\(result.output)\(result.errors)")
  }

  @Test("Certificates in files are told apart", .enabled(if: InstalledProgram.isExpected("openssl")))
  func certificateFiles() throws {
    let certificates = try TestCertificates()
    let expired = try certificates.certificate(until: "20210102030405Z")
    let good = try certificates.certificate(until: "20490102030405Z")
    let runbook = runbook(["certificate-files": "[\"\(expired)\",\"\(good)\",\"/dev/null\"]"])
    let result = runbook.run()
    #expect(result.status == 1)
    let shown = runbook.last("show").output
    #expect(shown.contains("\(expired) expired on Jan  2 03:04:05 2021 GMT; /dev/null cannot be read"))
    #expect(shown.contains("\(good): until Jan  2 03:04:05 2049 GMT"))
  }

  @Test("A certificate that a server shows is looked at", .enabled(if: InstalledProgram.isExpected("openssl")))
  func certificateServer() throws {
    let certificates = try TestCertificates()
    let (server, port) = try certificates.server(showing: certificates.certificate(until: "20490102030405Z"))
    let good = runbook(["certificate-servers": "[\"localhost:\(port)\"]"]).run()
    #expect(good.status == 0, "\(good.output)\(good.errors)")
    let soon = runbook([
      "certificate-servers": "[\"localhost:\(port)\"]", "min-certificate-validity": "36500d",
    ]).run()
    #expect(soon.status == 1)
    #expect((soon.output + soon.errors).contains("localhost:\(port): expires on Jan  2 03:04:05 2049 GMT"))
    server.signal(SIGTERM)
    _ = server.wait()
  }

  @Test("A clock that agrees with the server's passes", .enabled(if: InstalledProgram.isExpected("curl")))
  func rightClock() {
    let now = CommandRunner.run(["date", "--utc", "+%a, %d %b %Y %H:%M:%S GMT"], environment: ["LC_ALL": "C"])
    let result = asking(answer: "Date: " + now.output.prefix { $0 != "\n" })
    #expect(result.status == 0, "\(result.output)\(result.errors)")
  }

  @Test("A clock that is off is found", .enabled(if: InstalledProgram.isExpected("curl"))) func wrongClock() {
    let result = asking(answer: "date: Thu, 02 Jan 2020 03:04:05 GMT")
    #expect(result.status == 1)
    #expect((result.output + result.errors).contains("✗ clock-server"))
    #expect((result.output + result.errors).contains("s from the clock of http://127.0.0.1:"))
  }

  @Test("A server that does not tell the time is no proof", .enabled(if: InstalledProgram.isExpected("curl")))
  func silentServer() {
    let result = asking(answer: "Server: silent")
    #expect(result.status == 1)
    #expect((result.output + result.errors).contains("does not tell the time"))
  }

  /// Runs it with a server that gives one header.
  private func asking(answer: String) -> CommandResult {
    let server = OneAnswerServer()
    let runbook = runbook(["clock-server": "http://127.0.0.1:\(server.port)/", "max-clock-offset": "1m"])
    let run = runbook.start()
    #expect(server.answer("HTTP/1.1 204 No Content\r\n" + answer))
    return run.wait()
  }
}
