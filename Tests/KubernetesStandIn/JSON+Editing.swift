import CanonicalJSON

extension JSON {
  /// An object from its members.
  static func of(_ members: KeyValuePairs<String, JSON>) -> JSON { .object(members.map { Member($0.key, $0.value) }) }

  /// What stands at a path of keys.
  func at(_ path: String...) -> JSON? { at(path[...]) }

  private func at(_ path: ArraySlice<String>) -> JSON? {
    var value: JSON? = self
    for key in path { value = value?[key] }
    return value
  }

  /// Whether it is a pod whose containers are all ready, and that is not on its way out.
  var isReady: Bool {
    let ready = at("status", "conditions")?.array?.first { $0["type"]?.string == "Ready" }
    return ready?["status"]?.string == "True" && at("metadata", "deletionTimestamp") == nil
  }

  /// With a value at a path of keys, objects made on the way; nil takes it away.
  func setting(_ path: String..., to value: JSON?) -> JSON { setting(path[...], to: value) }

  func setting(_ path: ArraySlice<String>, to value: JSON?) -> JSON {
    guard let key = path.first else { return value ?? .null }
    var members = self.members ?? []
    let place = members.firstIndex { $0.key == key }
    let rest = path.dropFirst()
    let changed = rest.isEmpty ? value : (place.map { members[$0].value } ?? .object([])).setting(rest, to: value)
    switch (place, changed) {
    case (let place?, let changed?): members[place].value = changed
    case (let place?, nil): members.remove(at: place)
    case (nil, let changed?): members.append(Member(key, changed))
    case (nil, nil): break
    }
    return .object(members)
  }

  /// With a merge patch laid over it (RFC 7396); a strategic one merges lists of what has names by name.
  func merging(_ patch: JSON, strategic: Bool) -> JSON {
    guard let changes = patch.members else {
      guard strategic, let mine = array, let theirs = patch.array, theirs.allSatisfy({ $0["name"] != nil }) else {
        return patch
      }
      var merged = mine
      for element in theirs {
        if let place = merged.firstIndex(where: { $0["name"] == element["name"] }) {
          merged[place] = merged[place].merging(element, strategic: true)
        } else {
          merged.append(element)
        }
      }
      return .array(merged)
    }
    var result: JSON = members == nil ? .object([]) : self
    for change in changes where !change.key.hasPrefix("$") {
      let value: JSON? =
        change.value == .null ? nil : (result[change.key] ?? .null).merging(change.value, strategic: strategic)
      result = result.setting(change.key, to: value)
    }
    return result
  }

  /// With a JSON patch of `add`, `replace` and `remove` on objects applied (RFC 6902); nil where it has anything else.
  func applying(_ operations: [JSON]) -> JSON? {
    var result = self
    for operation in operations {
      guard let path = operation["path"]?.string, let kind = operation["op"]?.string else { return nil }
      let keys = path.split(separator: "/").map {
        String($0).replacing("~1", with: "/").replacing("~0", with: "~")
      }
      switch kind {
      case "add", "replace": result = result.setting(keys[...], to: operation["value"])
      case "remove": result = result.setting(keys[...], to: nil)
      case "test": if result.at(keys[...]) != operation["value"] { return nil }
      default: return nil
      }
    }
    return result
  }

  /// Without members that are null or an empty object: a typed client writes those, and they mean nothing.
  var pruned: JSON {
    switch self {
    case .object(let members):
      .object(
        members.compactMap { member in
          let value = member.value.pruned
          return value == .null || value == .object([]) ? nil : Member(member.key, value)
        })
    case .array(let elements): .array(elements.map(\.pruned))
    default: self
    }
  }
}
