/// A runbook as its author describes it: what lists and documents show.
public struct Runbook: Sendable, Hashable {
  /// Its name.
  public var name: String
  /// What it is called for people; the name where nothing is said.
  public var title: String
  /// Its version.
  public var version: SemanticVersion?
  /// Who keeps it.
  public var owner: String?
  /// What it is for.
  public var summary: String?
  /// How bad things are when it is needed.
  public var severity: String?
  /// Words to find it by.
  public var tags: [String] = []
  /// Other runbooks by name, or links.
  public var related: [String] = []
  /// The environments it may run in; any if empty.
  public var environments: [String] = []
  /// The inputs it takes.
  public var inputs: [Input] = []
  /// The names of its steps, in the order of the file.
  public var steps: [String] = []

  /// An input as it is declared.
  public struct Input: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// The name of its type.
    public var type: String
    /// The words that it may be; empty where those of its type cannot be listed.
    public var words: [String] = []
    /// Whether it must be given.
    public var isRequired: Bool
    /// What it is for.
    public var description: String?
  }
}
