extension Expression {
  /// The names of zones that it gives as they stand to the functions that take one; offsets and UTC need no name.
  package var zoneNames: [String] {
    tree.nodes.compactMap { node in
      guard case .call(let function, let arguments) = node else { return nil }
      let place: Int
      switch function {
      case .strftime: place = 2
      case .getFullYear, .getMonth, .getDate, .getDayOfMonth, .getDayOfWeek, .getDayOfYear, .getHours, .getMinutes,
        .getSeconds, .getMilliseconds:
        place = 1
      default: return nil
      }
      guard arguments.count > place, case .literal(.string(let name)) = tree.nodes[arguments[place]],
        FixedOffset.read(name) == nil
      else { return nil }
      return name
    }
  }
}
