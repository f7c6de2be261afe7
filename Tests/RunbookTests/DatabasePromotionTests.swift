import BelayTestSupport
import Glibc
import KubernetesStandIn
import Testing

/// The promotion with real servers, which start and end with their pods, and the real `kubectl`.
@Suite(
  "Promotion of the standby", .serialized,
  .enabled(if: PostgreSQLServer.isExpected && Kubectl.isExpected, "PostgreSQL or kubectl is missing"))
struct DatabasePromotionTests {
  private let pair: DatabasePair

  init() throws { pair = try DatabasePair() }

  private func runbook(_ inputs: [String: String] = [:]) -> ProjectRunbook {
    ProjectRunbook("recovery/database-promotion.yaml", inputs: inputs, in: pair.copy)
  }

  @Test("The standby becomes the primary, has all that was committed, and takes writes")
  func promotes() {
    #expect(DatabasePair.write(101, to: pair.primary))
    let runbook = runbook()
    let result = runbook.run("--yes")
    #expect(result.status == 0, "\(result.output)\(result.errors)\(runbook.last("logs").output)")
    #expect(pair.pods == ["postgres-1"])
    #expect(!pair.primary.answers)
    #expect(pair.served == "postgres-1")
    // It would wait here for a standby that is not there.
    #expect(DatabasePair.write(102, to: pair.standby))
    #expect(DatabasePair.leads(pair.standby) == 102)
  }

  @Test("An engine that is killed on the way is no harm: the next one goes on where it was", arguments: [false, true])
  func killed(afterTheService: Bool) {
    pair.api.status = 503
    let runbook = runbook()
    let run = runbook.start("--yes")
    let pair = pair
    let isThere = Waiting.until {
      afterTheService ? pair.served == "postgres-1" && pair.api.requests > 0 : pair.pods == ["postgres-1"]
    }
    #expect(isThere)
    run.signal(SIGKILL)
    _ = run.wait()
    pair.api.status = 200
    let result = runbook.last("resume", "--yes")
    #expect(result.status == 0, "\(result.output)\(result.errors)\(runbook.last("logs").output)")
    #expect(pair.pods == ["postgres-1"])
    #expect(pair.served == "postgres-1")
    #expect(DatabasePair.write(101, to: pair.standby))
    #expect(DatabasePair.leads(pair.standby) == 101)
  }

  @Test("A new primary that cannot be asked any more is not taken for one that never was: the old one stays fenced")
  func newPrimaryIsGone() {
    pair.api.status = 503
    let runbook = runbook(["serves-within": "5s"])
    let run = runbook.start("--yes")
    let pair = pair
    #expect(Waiting.until { pair.served == "postgres-1" && pair.api.requests > 0 })
    pair.lose("postgres-1")
    let result = run.wait()
    #expect(result.status == 3, "\(result.output)\(result.errors)\(runbook.last("logs").output)")
    #expect(runbook.last("show").output.contains("rollback-incomplete"))
    #expect(!pair.primary.answers)
    #expect(pair.served == "postgres-1")
  }

  @Test("Where the platform does not come back, the old primary serves again and takes writes")
  func rollsBack() {
    pair.api.status = 503
    let runbook = runbook(["serves-within": "3s"])
    let result = runbook.run("--yes")
    #expect(result.status == 1, "\(result.output)\(result.errors)\(runbook.last("logs").output)")
    #expect(runbook.last("show").output.contains("rolled-back"))
    #expect(pair.pods == ["postgres-0"])
    #expect(!pair.standby.answers)
    #expect(pair.served == "postgres-0")
    #expect(DatabasePair.write(101, to: pair.primary))
    #expect(DatabasePair.leads(pair.primary) == 101)
  }

  @Test("Once clients have written to the new primary it stays, and the old one stays fenced")
  func clientsHaveWritten() {
    pair.api.status = 503
    let runbook = runbook(["serves-within": "5s"])
    let run = runbook.start("--yes")
    let pair = pair
    #expect(Waiting.until { pair.served == "postgres-1" && pair.api.requests > 0 })
    #expect(DatabasePair.write(101, to: pair.standby))
    let result = run.wait()
    #expect(result.status == 3, "\(result.output)\(result.errors)\(runbook.last("logs").output)")
    #expect((result.output + result.errors).contains("1 transactions would be lost"))
    #expect(pair.pods == ["postgres-1"])
    #expect(!pair.primary.answers)
    #expect(pair.served == "postgres-1")
    #expect(DatabasePair.write(102, to: pair.standby))
    #expect(DatabasePair.leads(pair.standby) == 102)
  }

  @Test("A standby that cannot catch up is not promoted, and the old primary does not wait for it either")
  func lagging() {
    _ = pair.standby.query("select pg_wal_replay_pause()")
    let pair = pair
    #expect(Waiting.until { pair.standby.query("select pg_get_wal_replay_pause_state()") == "paused" })
    #expect(DatabasePair.write(101, to: pair.primary))
    let runbook = runbook(["serves-within": "3s"])
    let result = runbook.run("--yes")
    #expect(result.status == 1, "\(result.output)\(result.errors)\(runbook.last("logs").output)")
    #expect(runbook.last("show").output.contains("rolled-back"))
    #expect(runbook.last("logs").output.contains("no standby came back"))
    #expect(pair.pods == ["postgres-0", "postgres-1"])
    #expect(pair.served == "postgres-0")
    #expect(DatabasePair.write(102, to: pair.primary))
    #expect(pair.standby.query("select pg_is_in_recovery()") == "t")
    // It goes on where it was.
    _ = pair.standby.query("select pg_wal_replay_resume()")
    #expect(Waiting.until { DatabasePair.leads(pair.standby) == 102 })
  }

  @Test("A primary that is lost is no obstacle; without a person nothing takes the last server down")
  func primaryIsLost() {
    pair.lose("postgres-0")
    pair.api.status = 503
    let runbook = runbook(["serves-within": "3s"])
    let result = runbook.run("--yes")
    #expect(result.status == 3, "\(result.output)\(result.errors)\(runbook.last("logs").output)")
    #expect(pair.pods == ["postgres-1"])
    #expect(pair.served == "postgres-1")
    #expect(DatabasePair.write(101, to: pair.standby))
    #expect(DatabasePair.leads(pair.standby) == 101)
  }

  @Test("A dry run asks both servers, asks the cluster what it would do, and changes neither")
  func dryRun() {
    let runbook = runbook()
    #expect(runbook.plan().status == 0)
    let result = runbook.run("--dry-run")
    #expect(result.status == 0, "\(result.output)\(result.errors)\(runbook.last("logs").output)")
    #expect(pair.pods == ["postgres-0", "postgres-1"])
    #expect(pair.served == "postgres-0")
    let changes = pair.cluster.requests.filter { $0.method == "PATCH" || $0.method == "PUT" || $0.method == "DELETE" }
    #expect(!changes.isEmpty)
    #expect(changes.allSatisfy { request in request.query.contains { $0.name == "dryRun" } })
    #expect(pair.standby.query("select pg_is_in_recovery()") == "t")
  }

  @Test("A pod that is no standby is refused before anything is touched")
  func noStandby() {
    let result = runbook(["primary": "postgres-1", "standby": "postgres-0"]).run("--yes")
    #expect(result.status == 5, "\(result.output)\(result.errors)")
    #expect((result.output + result.errors).contains("postgres-0 is not a standby"))
    #expect(pair.pods == ["postgres-0", "postgres-1"])
  }
}
