/// `strftime`: a point in time as a text, with the conversions of the C library in its own locale.
enum TimeText {
  private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]

  /// The text of a point in time in a zone that is so many seconds ahead of UTC.
  static func of(
    _ time: Timestamp, _ format: String, zone: String, offset: Int64
  ) throws(EvaluationError) -> String {
    let date = CivilTime(secondsSince1970: time.seconds + offset)
    var output = ""
    var scalars = Array(format.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      guard scalar == "%" else {
        output.unicodeScalars.append(scalar)
        continue
      }
      guard let letter = scalars.popFirst(), let text = part(letter, date, time, zone, offset) else {
        throw EvaluationError("`strftime` does not know all of `\(format)`")
      }
      output += text
    }
    return output
  }

  private static func part(
    _ letter: Unicode.Scalar, _ date: CivilTime, _ time: Timestamp, _ zone: String, _ offset: Int64
  ) -> String? {
    switch letter {
    case "%": "%"
    case "n": "\n"
    case "t": "\t"
    case "Y": padded(date.year, 4)
    case "y": padded(date.year % 100, 2)
    case "m": padded(date.month, 2)
    case "d": padded(date.day, 2)
    case "e": padded(date.day, 2, with: " ")
    case "j": padded(date.dayOfYear + 1, 3)
    case "H": padded(date.hour, 2)
    case "I": padded((date.hour + 11) % 12 + 1, 2)
    case "M": padded(date.minute, 2)
    case "S": padded(date.second, 2)
    case "p": date.hour < 12 ? "AM" : "PM"
    case "A": days[Int(date.dayOfWeek)]
    case "a": String(days[Int(date.dayOfWeek)].prefix(3))
    case "B": months[Int(date.month - 1)]
    case "b", "h": String(months[Int(date.month - 1)].prefix(3))
    case "u": String((date.dayOfWeek + 6) % 7 + 1)
    case "w": String(date.dayOfWeek)
    case "s": String(time.seconds)
    case "Z": zone
    case "z": (offset < 0 ? "-" : "+") + padded(abs(offset) / 3600, 2) + padded(abs(offset) / 60 % 60, 2)
    case "F": padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2)
    case "T": padded(date.hour, 2) + ":" + padded(date.minute, 2) + ":" + padded(date.second, 2)
    case "R": padded(date.hour, 2) + ":" + padded(date.minute, 2)
    default: nil
    }
  }

  private static func padded(_ number: Int64, _ width: Int, with filling: String = "0") -> String {
    let digits = String(number)
    return String(repeating: filling, count: max(0, width - digits.utf8.count)) + digits
  }
}
