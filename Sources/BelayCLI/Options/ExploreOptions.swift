import ArgumentParser

/// How an exploration is done.
struct ExploreOptions: ParsableArguments {
  @Flag(
    help: "Instead of playing once, tries what can go wrong at every place, and says what is wrong with the runbook.")
  var explore = false

  @Option(help: ArgumentHelp("How many faults may come together in an exploration: 1 or 2.", valueName: "count"))
  var faults: Int?

  @Option(
    help: ArgumentHelp(
      "An exploration that covers less of the ways back, or of what can go wrong, exits 1.", valueName: "percent"))
  var minimum: Int?

  @Option(
    help: ArgumentHelp("How many cases an exploration plays at most. Default: 1000000.", valueName: "count"))
  var cases: Int?

  @Option(
    help: ArgumentHelp(
      "How many threads explore; what comes of it is the same. Default: one for each core.", valueName: "count"))
  var workers: Int?

  @Option(
    help: ArgumentHelp("Writes a scenario for each finding of an exploration to this directory.", valueName: "dir"),
    completion: .directory)
  var write: String?

  /// Whether something is said of an exploration.
  var isGiven: Bool {
    explore || faults != nil || minimum != nil || cases != nil || workers != nil || write != nil
  }

  /// Refuses what cannot be meant.
  func validate() throws {
    guard isGiven else { return }
    func refuse(_ message: String) throws { throw ValidationError(message) }
    if !explore { try refuse("--faults, --minimum, --cases, --workers and --write go with --explore") }
    if let faults, !(1...2).contains(faults) { try refuse("--faults \(faults): 1 or 2") }
    if let minimum, !(0...100).contains(minimum) { try refuse("--minimum \(minimum): a percentage, 0 to 100") }
    if let cases, cases < 1 { try refuse("--cases \(cases): at least 1") }
    if let workers, !(1...1024).contains(workers) { try refuse("--workers \(workers): 1 to 1024") }
  }
}
