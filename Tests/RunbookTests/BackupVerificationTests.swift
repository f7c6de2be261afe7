import BelayTestSupport
import Testing

/// The verification of backups that `pg_dump` made of one real server, restored into another one.
@Suite("Verification of a backup", .serialized, .enabled(if: PostgreSQLServer.isExpected, "PostgreSQL is missing"))
struct BackupVerificationTests {
  private let source: PostgreSQLServer
  private let scratch: PostgreSQLServer
  private let directory = TemporaryDirectory()

  init() throws {
    source = try PostgreSQLServer()
    scratch = try PostgreSQLServer()
    _ = source.query("create database shop")
    _ = source.query(
      """
      create schema sales;
      create table lead (id int primary key, made timestamptz);
      create table sales.bill (id int primary key, lead int references lead);
      create table note (id int);
      insert into lead select id, now() from generate_series(1, 20000) as id;
      insert into sales.bill select id, id from generate_series(1, 10) as id;
      """, of: "shop")
  }

  /// Dumps the source's database.
  private func back(upAs name: String = "shop.dump") {
    let made = CommandRunner.run([
      "pg_dump", "--format=custom", "--host", source.socket, "--port", "\(source.port)", "--username", "postgres",
      "--file", directory.path(name), "shop",
    ])
    #expect(made.status == 0, "\(made.errors)")
  }

  private func runbook(_ inputs: [String: String] = [:], at server: PostgreSQLServer? = nil) -> ProjectRunbook {
    let server = server ?? scratch
    let usual = [
      "directory": directory.path, "host": server.socket, "port": "\(server.port)",
      "tables": #"["lead", "sales.bill"]"#, "newest-in": "lead:made",
    ]
    return ProjectRunbook("backup/backup-verification.yaml", inputs: usual.merging(inputs) { _, given in given })
  }

  /// The databases that the scratch server has besides its own.
  private var left: String {
    scratch.query("select coalesce(string_agg(datname, ', '), '') from pg_database where datname like 'belay%'")
  }

  @Test("A good backup is restored, looked at, and leaves nothing behind") func good() {
    back()
    let sum = CommandRunner.run(["sha256sum", "shop.dump"], directory: directory.path)
    directory.write("shop.dump.sha256", sum.output)
    let runbook = runbook()
    let result = runbook.run()
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("tables = 3"))
    #expect(runbook.last("show").output.contains("✓ checksum  succeeded"))
    #expect(left == "")
    #expect(scratch.log.contains("COPY sales.bill"))
  }

  @Test("The newest backup is taken") func newest() {
    back(upAs: "old.dump")
    #expect(CommandRunner.run(["touch", "--date=-2 days", directory.path("old.dump")]).status == 0)
    let old = runbook().run()
    #expect(old.status == 1)
    #expect((old.output + old.errors).contains("old.dump is of "))
    back(upAs: "new.dump")
    let result = runbook().run()
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("file = \(directory.path("new.dump"))"))
  }

  @Test("A backup that is cut off fails, and its database goes") func cutOff() {
    back()
    let size = (TestFile.bytes(directory.path("shop.dump")) ?? []).count
    let cut = CommandRunner.run(["truncate", "--size=\(size * 3 / 4)", directory.path("shop.dump")])
    #expect(cut.status == 0)
    let runbook = runbook()
    let result = runbook.run()
    #expect(result.status == 1, "\(result.output)\(result.errors)")
    #expect((result.output + result.errors).contains("✗ restore"))
    #expect(runbook.last("show").output.contains("rolled-back"))
    #expect(left == "")
  }

  @Test("A backup that is not what was written is not restored") func altered() {
    back()
    directory.write("shop.dump.sha256", String(repeating: "0", count: 64) + "  shop.dump\n")
    let result = runbook().run()
    #expect(result.status == 1)
    #expect((result.output + result.errors).contains("✗ checksum"))
    #expect(!scratch.log.contains("CREATE DATABASE"))
  }

  @Test("A table that is empty, or missing, is named", arguments: ["note", "sales.order"]) func tables(table: String) {
    back()
    let result = runbook(["tables": "[\"lead\", \"\(table)\"]"]).run()
    #expect(result.status == 1)
    let said = table == "note" ? "note is empty" : #"relation "sales.order" does not exist"#
    #expect((result.output + result.errors).contains(said), "\(result.output)\(result.errors)")
    #expect(left == "")
  }

  @Test("A backup of data that has stood still is found") func stale() {
    _ = source.query("update lead set made = now() - interval '3 hours'", of: "shop")
    back()
    let result = runbook().run()
    #expect(result.status == 1)
    #expect(
      (result.output + result.errors).contains("lead:made: the youngest is of "), "\(result.output)\(result.errors)")
    #expect(left == "")
  }

  @Test("The server that is backed up is refused") func sameServer() {
    back()
    let result = runbook(at: source).run()
    #expect(result.status == 1)
    #expect((result.output + result.errors).contains("this server has a database shop"))
    #expect(!source.log.contains("CREATE DATABASE belay") && !source.log.contains(#"CREATE DATABASE "belay"#))
  }

  @Test("Where there is no backup it says so") func none() {
    let result = runbook().run()
    #expect(result.status == 1)
    #expect((result.output + result.errors).contains("no file in \(directory.path) ends with .dump"))
  }

  @Test("A dry run looks at the backup and makes no database") func dryRun() {
    back()
    let runbook = runbook()
    #expect(runbook.plan().status == 0)
    let result = runbook.run("--dry-run")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(!scratch.log.contains("CREATE DATABASE"))
  }
}
