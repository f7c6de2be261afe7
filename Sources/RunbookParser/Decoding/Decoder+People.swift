import Diagnostics
import Expressions
import YAMLSyntax

extension Decoder {
  func manual(_ node: YAMLNode, in place: ExpressionPlace) -> Manual? {
    if node.scalar != nil {
      guard plainText(node, "`manual`") != nil else { return nil }
      return text(node, in: place, "`manual`").map { Manual(text: $0) }
    }
    guard let node = mapping(node, .manual), let said = required("text", of: node, "`manual`"),
      let shown = text(said, in: place, "`text`")
    else { return nil }
    var manual = Manual(text: shown)
    manual.from = roles(node["from"])
    manual.within = duration(node["within"], "`within`")
    if let fields = node["fields"] {
      for pair in entries(fields, "`fields`") {
        guard name(pair.key, pair.keySpan, "a field"), let type = type(pair.value, .field, "a field") else { continue }
        manual.fields.append(
          FieldDeclaration(
            name: pair.key, type: type,
            description: pair.value["description"].flatMap { plainText($0, "`description`") }))
      }
    }
    return manual
  }

  func decide(_ node: YAMLNode, in place: ExpressionPlace) -> Decision? {
    guard let node = mapping(node, .decide), let asked = required("question", of: node, "`decide`"),
      let question = text(asked, in: place, "`question`"), let list = required("options", of: node, "`decide`")
    else { return nil }
    var options: [Decision.Option] = []
    for element in elements(list, "`options`") {
      guard let element = mapping(element, .option), let idNode = required("id", of: element, "an option"),
        let id = plainText(idNode, "`id`"), name(id, idNode.span, "an option")
      else { continue }
      if options.contains(where: { $0.id == id }) {
        report(.duplicateName, "a second option is called `\(id)`", idNode.span)
      }
      var option = Decision.Option(id: id)
      option.title = element["title"].flatMap { shownText($0, "`title`", in: place) }
      option.when = expression(element["when"], in: place, "`when`", expecting: .bool)
      option.endsRun = element["ends"] != nil
      options.append(option)
    }
    return Decision(question: question, options: options)
  }

  func checklistItem(_ node: YAMLNode, in place: ExpressionPlace) -> ChecklistItem? {
    if node.scalar != nil {
      guard plainText(node, "an item") != nil else { return nil }
      return text(node, in: place, "an item").map { .tick(ChecklistItem.Tick(text: $0)) }
    }
    guard node["text"] != nil else { return check(node, in: place).map { .check($0) } }
    guard let node = mapping(node, .tick), let said = node["text"], let shown = text(said, in: place, "`text`")
    else { return nil }
    var tick = ChecklistItem.Tick(text: shown)
    if let idNode = node["id"], let id = plainText(idNode, "`id`"), name(id, idNode.span, "an item") { tick.id = id }
    tick.from = roles(node["from"])
    tick.evidence = flag(node["evidence"], "`evidence`") ?? false
    tick.notApplicable = flag(node["not-applicable"], "`not-applicable`") ?? false
    return .tick(tick)
  }

  func confirmation(_ node: YAMLNode?, in place: ExpressionPlace) -> Confirmation? {
    guard let node else { return nil }
    if node.scalar != nil {
      guard plainText(node, "`confirm`") != nil else { return nil }
      return text(node, in: place, "`confirm`").map { Confirmation(message: $0) }
    }
    guard let node = mapping(node, .confirm) else { return nil }
    let typed = node["type"].flatMap { text($0, in: place, "`type`") }
    let message = node["message"].flatMap { text($0, in: place, "`message`") }
    return Confirmation(message: message ?? .literal("Go on?"), type: typed)
  }
}
