import CanonicalJSON
import Expressions
import RunEngine
import RunbookParser

/// Gates and votes in records.
extension RunEventCodec {
  static func encode(_ request: ApprovalRequest, text: String) -> JSON {
    .members(
      ("text", .string(text)), ("kind", .string("approval")), ("approval", request.approval.encoded()),
      ("expires", request.expires.map { .int($0) }), ("action", request.action.map(encode)),
      ("items", request.items.isEmpty ? nil : .array(request.items.map(\.taggedJSON))),
      ("inputs", request.inputs.isEmpty ? nil : encode(request.inputs)),
      ("inside", request.inside.isEmpty ? nil : .array(request.inside.map(encode))))
  }

  private static func encode(_ inner: ApprovalRequest.Inner) -> JSON {
    .members(("step", .string(inner.path)), ("action", inner.action.map(encode)))
  }

  /// What a question about a gate asks; nil where it is none.
  package static func approvalRequest(_ question: JSON) -> ApprovalRequest? {
    guard question["kind"]?.string == "approval" else { return nil }
    return try? decodeRequest(question, EffectID(step: nil, slot: .confirmation, serial: 0), nil)
  }

  static func decodeRequest(_ json: JSON, _ id: EffectID, _ state: RunState?) throws(CodecError) -> ApprovalRequest {
    var items: [Value] = []
    for item in json["items"]?.array ?? [] {
      guard let value = Value(tagged: item) else { throw CodecError("an item cannot be read") }
      items.append(value)
    }
    let approval: Approval
    do {
      approval = try Approval(decoding: try json.require("approval"))
    } catch {
      throw CodecError("an approval cannot be read: \(error)")
    }
    var inside: [ApprovalRequest.Inner] = []
    for inner in json["inside"]?.array ?? [] {
      inside.append(
        ApprovalRequest.Inner(
          path: try inner.requireString("step"),
          action: try inner["action"].map { json throws(CodecError) in try decodeAction(json, id, state) }))
    }
    return ApprovalRequest(
      approval: approval, expires: json["expires"]?.int,
      action: try json["action"].map { json throws(CodecError) in try decodeAction(json, id, state) }, items: items,
      inputs: try decodeValues(json["inputs"]), inside: inside)
  }

  static func encode(_ vote: Vote) -> JSON {
    let identity: (String, JSON?) =
      switch vote.identity {
      case .key(let fingerprint): ("key", .string(fingerprint))
      case .login(let name): ("login", .string(name))
      }
    return .members(
      ("record", .int(vote.record)), ("person", .string(vote.person)), identity, ("approves", .bool(vote.approves)),
      ("reason", .string(vote.reason)), ("time", .int(vote.time)))
  }

  static func decodeVote(_ json: JSON) throws(CodecError) -> Vote {
    let identity: Identity =
      if let fingerprint = json["key"]?.string { .key(fingerprint) } else { .login(try json.requireString("login")) }
    return Vote(
      record: try json.requireInt("record"), person: try json.requireString("person"), identity: identity,
      approves: json["approves"]?.bool ?? false, reason: try json.requireString("reason"),
      time: try json.requireInt("time"))
  }

  static func decodeVotes(_ json: JSON?) throws(CodecError) -> [Vote] {
    var votes: [Vote] = []
    for vote in json?.array ?? [] { votes.append(try decodeVote(vote)) }
    return votes
  }

  static func encode(_ vote: VoidVote) -> JSON {
    .members(("record", .int(vote.record)), ("reason", .string(vote.reason)))
  }

  static func decodeVoid(_ json: JSON?) throws(CodecError) -> [VoidVote] {
    var votes: [VoidVote] = []
    for vote in json?.array ?? [] {
      votes.append(VoidVote(record: try vote.requireInt("record"), reason: try vote.requireString("reason")))
    }
    return votes
  }

  static func encode(_ starter: ProvenStarter) -> JSON {
    .members(
      ("person", .string(starter.person)), ("key", .string(starter.fingerprint)),
      ("statement", .string(starter.statement)), ("signature", .string(starter.signature)))
  }

  static func decodeStarter(_ json: JSON) throws(CodecError) -> ProvenStarter {
    ProvenStarter(
      person: try json.requireString("person"), fingerprint: try json.requireString("key"),
      statement: try json.requireString("statement"), signature: try json.requireString("signature"))
  }
}
