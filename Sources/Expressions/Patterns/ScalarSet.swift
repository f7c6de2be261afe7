/// A set of code points: ranges, and whole categories of Unicode.
struct ScalarSet: Sendable {
  /// Sorted, apart from each other.
  private(set) var ranges: [ClosedRange<UInt32>] = []
  /// The categories that belong to the set, one bit each.
  private var categories: UInt32 = 0
  private var isInverted = false
  private var foldsCase = false
  /// One bit for each ASCII character: the answer without a search.
  private var ascii: (UInt64, UInt64) = (0, 0)

  static let last: UInt32 = 0x10FFFF

  /// Whether a code point belongs to the set.
  func contains(_ scalar: UInt32) -> Bool {
    if scalar < 64 { return ascii.0 >> UInt64(scalar) & 1 == 1 }
    if scalar < 128 { return ascii.1 >> UInt64(scalar - 64) & 1 == 1 }
    return computed(scalar)
  }

  private func computed(_ scalar: UInt32) -> Bool {
    if holds(scalar) { return !isInverted }
    if foldsCase {
      for variant in CaseFolding.variants(of: scalar) where holds(variant) { return !isInverted }
    }
    return isInverted
  }

  private func holds(_ scalar: UInt32) -> Bool {
    if categories != 0, let scalar = Unicode.Scalar(scalar) {
      if categories >> Category.bit(of: scalar) & 1 == 1 { return true }
    }
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < scalar {
        low = middle + 1
      } else if ranges[middle].lowerBound > scalar {
        high = middle
      } else {
        return true
      }
    }
    return false
  }

  // MARK: Building

  mutating func insert(_ range: ClosedRange<UInt32>) { ranges.append(range) }

  mutating func insert(_ scalar: UInt32) { ranges.append(scalar...scalar) }

  /// Adds all code points that are in none of some ranges, which are sorted.
  mutating func insert(allBut excluded: [ClosedRange<UInt32>]) {
    var next: UInt32 = 0
    for range in excluded {
      if range.lowerBound > next { ranges.append(next...(range.lowerBound - 1)) }
      next = range.upperBound + 1
    }
    if next <= Self.last { ranges.append(next...Self.last) }
  }

  /// Adds the categories of a mask, or all others.
  mutating func insert(categories mask: UInt32, inverted: Bool) {
    categories |= inverted ? Category.all & ~mask : mask
  }

  /// The set as it is searched: in order, and perhaps as its complement.
  func finished(inverted: Bool, foldsCase: Bool) -> ScalarSet {
    var set = self
    set.isInverted = inverted
    set.foldsCase = foldsCase
    var merged: [ClosedRange<UInt32>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let previous = merged.last, range.lowerBound <= previous.upperBound &+ 1 {
        merged[merged.count - 1] = previous.lowerBound...max(previous.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    set.ranges = merged
    for scalar: UInt32 in 0..<64 {
      if set.computed(scalar) { set.ascii.0 |= 1 << UInt64(scalar) }
      if set.computed(scalar + 64) { set.ascii.1 |= 1 << UInt64(scalar) }
    }
    return set
  }

  // MARK: Named sets

  static let digits: [ClosedRange<UInt32>] = [0x30...0x39]
  static let words: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
  static let blanks: [ClosedRange<UInt32>] = [0x09...0x0A, 0x0C...0x0D, 0x20...0x20]

  /// The ranges of a class such as `[:alpha:]`, sorted; nil for another name.
  static func named(_ name: String) -> [ClosedRange<UInt32>]? {
    switch name {
    case "alnum": [0x30...0x39, 0x41...0x5A, 0x61...0x7A]
    case "alpha": [0x41...0x5A, 0x61...0x7A]
    case "ascii": [0x00...0x7F]
    case "blank": [0x09...0x09, 0x20...0x20]
    case "cntrl": [0x00...0x1F, 0x7F...0x7F]
    case "digit": digits
    case "graph": [0x21...0x7E]
    case "lower": [0x61...0x7A]
    case "print": [0x20...0x7E]
    case "punct": [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]
    case "space": [0x09...0x0D, 0x20...0x20]
    case "upper": [0x41...0x5A]
    case "word": words
    case "xdigit": [0x30...0x39, 0x41...0x46, 0x61...0x66]
    default: nil
    }
  }
}

/// The general categories of Unicode, as bits of a mask.
enum Category {
  private static let names = [
    "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm",
    "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
  ]

  /// The mask of every category.
  static let all: UInt32 = (1 << UInt32(names.count)) - 1

  /// The mask of a category such as `Lu`, or of a group of them such as `L`; nil for another name.
  static func mask(_ name: String) -> UInt32? {
    if name == "Any" { return all }
    var mask: UInt32 = 0
    for (bit, category) in names.enumerated()
    where category == name || (name.utf8.count == 1 && category.hasPrefix(name)) {
      mask |= 1 << UInt32(bit)
    }
    return mask == 0 ? nil : mask
  }

  /// The bit of the category that a code point belongs to.
  static func bit(of scalar: Unicode.Scalar) -> UInt32 {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter: 0
    case .lowercaseLetter: 1
    case .titlecaseLetter: 2
    case .modifierLetter: 3
    case .otherLetter: 4
    case .nonspacingMark: 5
    case .spacingMark: 6
    case .enclosingMark: 7
    case .decimalNumber: 8
    case .letterNumber: 9
    case .otherNumber: 10
    case .connectorPunctuation: 11
    case .dashPunctuation: 12
    case .openPunctuation: 13
    case .closePunctuation: 14
    case .initialPunctuation: 15
    case .finalPunctuation: 16
    case .otherPunctuation: 17
    case .mathSymbol: 18
    case .currencySymbol: 19
    case .modifierSymbol: 20
    case .otherSymbol: 21
    case .spaceSeparator: 22
    case .lineSeparator: 23
    case .paragraphSeparator: 24
    case .control: 25
    case .format: 26
    case .surrogate: 27
    case .privateUse: 28
    case .unassigned: 29
    @unknown default: 29
    }
  }
}

/// The code points that differ from one another in case only.
enum CaseFolding {
  /// The other forms of a code point; perhaps itself among them.
  static func variants(of value: UInt32) -> [UInt32] {
    guard let scalar = Unicode.Scalar(value) else { return [] }
    var variants: [UInt32] = []
    func add(_ text: String) {
      let scalars = text.unicodeScalars
      guard let first = scalars.first, scalars.count == 1 else { return }
      if first.value != value, !variants.contains(first.value) { variants.append(first.value) }
    }
    func addForms(of scalar: Unicode.Scalar) {
      let properties = scalar.properties
      add(properties.lowercaseMapping)
      add(properties.uppercaseMapping)
      add(properties.titlecaseMapping)
    }
    addForms(of: scalar)
    for variant in variants { Unicode.Scalar(variant).map(addForms) }
    // Three signs whose letters do not lead back to them.
    for variant in variants + [value] {
      switch variant {
      case 0x4B, 0x6B: add("\u{212A}")
      case 0x53, 0x73: add("\u{17F}")
      case 0xC5, 0xE5: add("\u{212B}")
      default: break
      }
    }
    return variants
  }
}
