import BelayTestSupport
import Diagnostics
import RunbookParser
import Testing

/// The pages of the language's reference, and what stands in them for tests to look at.
///
/// A fence says what it holds: `yaml` a whole file; `yaml steps`, `yaml checks` or `yaml keys` a part of a runbook, to which the
/// rest is added here; `cel` a line `EXPRESSION => EXPRESSION` or `EXPRESSION => error` each.
enum ReferencePages {
  /// An example in a page.
  struct Example: CustomTestStringConvertible {
    /// The page and the line it begins in.
    var place: String
    /// The words behind the fence.
    var words: [String]
    var text: String

    var testDescription: String { place }
  }

  /// The pages by path, below the project's root.
  static let pages: [(path: String, text: String)] = {
    let folder = BelayBinary.projectRoot + "/docs"
    let paths =
      ["docs/language.md"]
      + GoldenFile.names(in: folder + "/language", suffix: ".md").map { "docs/language/\($0).md" }
    return paths.map { ($0, TestFile.read(BelayBinary.projectRoot + "/" + $0) ?? "") }
  }()

  static let examples: [Example] = pages.flatMap { page in
    var examples: [Example] = []
    var open: Example?
    for (number, line) in page.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.hasPrefix("```") {
        if let example = open {
          examples.append(example)
          open = nil
        } else {
          open = Example(
            place: "\(page.path):\(number + 1)", words: line.dropFirst(3).split(separator: " ").map(String.init),
            text: "")
        }
      } else {
        open?.text += line + "\n"
      }
    }
    return examples
  }

  static let files = examples.filter { $0.words.first == "yaml" }
  static let expressions = examples.filter { $0.words.first == "cel" }
}

extension ReferencePages.Example {
  /// The whole file that the example is, or is part of.
  var file: String {
    guard let kind = words.dropFirst().first else { return text }
    var file = "belay: 1\nname: example\nversion: 1.0.0\n"
    if !text.contains("inputs:\n") || kind != "keys" {
      file += """
        inputs:
          namespace: {type: string, default: shop}
          services: {type: list, of: string, default: [api, web]}
          max-wait: {type: duration, default: 1m}
          token: {type: secret, from: {env: TOKEN}}

        """
    }
    let inset = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "  " + $0 }
      .joined(separator: "\n")
    switch kind {
    case "steps": return file + "steps:\n" + inset
    case "checks": return file + "preconditions:\n" + inset + "steps:\n  - {id: pause, wait: 1s}\n"
    default: return file + text + (text.contains("steps:\n") ? "" : "steps:\n  - {id: pause, wait: 1s}\n")
    }
  }
}

/// The whole files of the reference, which are one project.
struct ReferenceProject: ProjectSources {
  private let files: [String: SourceText]

  init() {
    var files: [String: SourceText] = [:]
    for example in ReferencePages.files where example.words.count == 1 {
      let lines = example.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
      let name = lines.first { $0.hasPrefix("name: ") }.map { String($0.dropFirst(6)) } ?? ""
      let kind = String(lines[0].prefix { $0 != ":" })
      files[kind + " " + name] = SourceText(name: example.place, text: example.text)
    }
    self.files = files
  }

  var settings: SourceText? { files["project shop"] }
  func library(named name: String) -> SourceText? { files["library " + name] }
  func runbook(named name: String) -> SourceText? {
    // It is only spoken of.
    name == "tidy-logs" ? SourceText(name: name, text: "belay: 1\nname: tidy-logs\n") : files["belay " + name]
  }
  func file(at path: String) -> SourceText? {
    if path.hasPrefix("keys/") { return SourceText(name: path, text: "") }
    return path == "inventory.yaml" ? files["platform shop"] : nil
  }
}
