import CanonicalJSON

/// Something that a plan says is only looked at, so that a dry run does it really.
struct PlannedObservation {
  enum What {
    case program(CommandPattern)
    /// A request to a port of a host.
    case request(host: String, port: Int)
    /// It cannot be told here what is started or reached.
    case unclear(String)
  }

  /// Where it stands in the plan.
  var address: String
  var what: What
  /// Whether what is found before it decides if it is looked at.
  var isConditional: Bool

  /// The address of the whole check that this is a part of.
  var whole: String {
    let end = [".any.", ".all.", ".not"].compactMap { address.firstRange(of: $0)?.lowerBound }.min()
    return String(address[..<(end ?? address.endIndex)])
  }
}

/// What a dry run of a plan does really, as far as the plan's JSON tells.
///
/// That is what docs/language/runs.md says: the versions of programs, the preconditions, the steps that observe, with their
/// `verify`, the checks that steps ask, and the `dry-run` actions of those that change something. It is not their `verify`,
/// which is assumed along with them, nor `applied` and `rollback`: nothing is in doubt, and nothing is undone. Nobody is told
/// anything.
struct PlannedObservations {
  private(set) var all: [PlannedObservation] = []
  /// The addresses of the steps that stand by themselves, in order, those of `finally` last.
  private(set) var steps: [String] = []

  init(_ plan: JSON) {
    for input in plan["inputs"]?.array ?? [] where input["secret"]?["command"] != nil {
      add("inputs.\(name(input))", .unclear("a program prints the secret"), isConditional: true)
    }
    for tool in plan["tools"]?.array ?? [] {
      let words = tool["command"]?.array?.compactMap(\.string) ?? []
      add("tools.\(name(tool))", .program(CommandPattern(words)), isConditional: false)
    }
    for tunnel in plan["tunnels"]?.array ?? [] {
      add("tunnels.\(name(tunnel))", .unclear("a tunnel"), isConditional: false)
    }
    _ = take(preconditions: plan["preconditions"], of: "", isConditional: false)
    for (key, place) in [("steps", "steps."), ("finally", "finally.")] {
      for step in plan[key]?.array ?? [] {
        let address = place + name(step)
        steps.append(address)
        take(step: step, at: address, isConditional: false)
      }
    }
  }

  /// The same without what stands at an address.
  func without(_ address: String) -> PlannedObservations {
    var less = self
    less.all.removeAll { $0.address == address }
    return less
  }

  /// The same with something that is always looked at.
  func adding(_ address: String, _ what: PlannedObservation.What) -> PlannedObservations {
    var more = self
    more.add(address, what, isConditional: false)
    return more
  }

  private func name(_ json: JSON) -> String { json["id"]?.string ?? json["name"]?.string ?? "?" }

  private mutating func add(_ address: String, _ what: PlannedObservation.What, isConditional: Bool) {
    all.append(PlannedObservation(address: address, what: what, isConditional: isConditional))
  }

  // MARK: Steps

  private mutating func take(step: JSON, at address: String, isConditional: Bool) {
    var isConditional = isConditional || step["when"] != nil
    if take(preconditions: step["preconditions"], of: address + ".", isConditional: isConditional) {
      isConditional = true
    }
    guard let action = step["action"] else { return }
    let observes = step["effect"]?.string == "observe"
    if step["ready"] != nil { add(address, .unclear("a background program"), isConditional: isConditional) }
    if observes {
      take(action: action, at: address, isConditional: isConditional)
    } else if let instead = step["dryRun"] {
      take(action: instead, at: address, isConditional: isConditional)
    }
    take(inside: step, at: address, isConditional: isConditional)
    if observes {
      for (place, check) in (step["verify"]?.array ?? []).enumerated() {
        take(check: check, at: "\(address).verify.\(label(check, place))", isConditional: isConditional)
      }
    }
  }

  /// What an action of a step itself does.
  private mutating func take(action: JSON, at address: String, isConditional: Bool) {
    if let check = action["check"] {
      // It is told of as the one item of a list.
      take(check: check, at: "\(address).items.\(label(check, 0))", isConditional: isConditional)
    } else if let items = action["checklist"]?.array {
      for (place, item) in items.enumerated() {
        guard let check = item["check"] else { continue }
        take(check: check, at: "\(address).items.\(label(check, place))", isConditional: isConditional)
      }
    } else if let what = what(action) {
      add(address, what, isConditional: isConditional)
    }
  }

  /// The steps inside a step. Those of a repetition are as many as the list has members.
  private mutating func take(inside step: JSON, at address: String, isConditional: Bool) {
    guard let action = step["action"] else { return }
    if let step = action["forEach"]?["step"] {
      take(step: step, at: address + "[]", isConditional: true)
    }
    for step in action["group"]?.array ?? [] {
      take(step: step, at: "\(address)/\(name(step))", isConditional: isConditional)
    }
    guard let call = action["call"] else { return }
    // They are numbered on from the step's own.
    let own = step["preconditions"]?.array?.count ?? 0
    _ = take(preconditions: call["preconditions"], of: address + ".", from: own, isConditional: isConditional)
    for step in (call["steps"]?.array ?? []) + (call["finally"]?.array ?? []) {
      take(step: step, at: "\(address)/\(name(step))", isConditional: isConditional)
    }
  }

  // MARK: Checks

  /// Takes preconditions over; whether one of them may spare the step.
  private mutating func take(
    preconditions: JSON?, of owner: String, from first: Int = 0, isConditional: Bool
  ) -> Bool {
    var mayBeSpared = false
    for (place, precondition) in (preconditions?.array ?? []).enumerated() {
      guard let check = precondition["check"] else { continue }
      take(
        check: check, at: "\(owner)preconditions.\(label(check, first + place))",
        isConditional: isConditional || mayBeSpared)
      if ["skip", "done"].contains(precondition["otherwise"]?.string) { mayBeSpared = true }
    }
    return mayBeSpared
  }

  private func label(_ check: JSON, _ place: Int) -> String { check["id"]?.string ?? "\(place)" }

  private mutating func take(check: JSON, at address: String, isConditional: Bool) {
    if let other = check["not"] { return take(check: other, at: address + ".not", isConditional: isConditional) }
    for key in ["any", "all"] {
      // They are asked in order, up to the one that decides.
      for (place, inner) in (check[key]?.array ?? []).enumerated() {
        take(check: inner, at: "\(address).\(key).\(place)", isConditional: isConditional || place > 0)
      }
    }
    if let tool = check["tool"] {
      let words = tool["command"]?.array?.compactMap(\.string) ?? []
      return add(address, .program(CommandPattern(words)), isConditional: isConditional)
    }
    if let what = what(check["program"] ?? check) { add(address, what, isConditional: isConditional) }
  }

  // MARK: What is done

  /// What is started or reached; nil where nothing is.
  private func what(_ json: JSON) -> PlannedObservation.What? {
    if json["exec"] != nil || json["run"] != nil {
      return CommandPattern(json).map { .program($0) } ?? .unclear("a program that the plan leaves open")
    }
    guard let url = json["http"]?["url"] ?? json["prometheus"]?["server"] else { return nil }
    return Self.request(to: TextPattern(url)) ?? .unclear("an address that the plan leaves open")
  }

  private static func request(to url: TextPattern?) -> PlannedObservation.What? {
    guard let url, let text = url.pieces.first else { return nil }
    let parts = text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    // Where the text goes on with a gap the host may do so as well.
    guard parts.count > (url.whole == nil ? 3 : 2), ["http:", "https:"].contains(parts[0]) else { return nil }
    let named = parts[2].split(separator: ":", maxSplits: 1)
    guard let host = named.first, !parts[2].contains("["), !parts[2].contains("@") else { return nil }
    guard named.count == 2 else { return .request(host: String(host), port: parts[0] == "https:" ? 443 : 80) }
    return Int(named[1]).map { .request(host: String(host), port: $0) }
  }
}
