import BelayTestSupport
import CanonicalJSON
import Testing

@testable import Journal

/// Whatever is done to an exported log is found, and the right record named.
@Suite struct ExportAttackTests {
  /// An export with its lines read, and what the verifier knew before each of them.
  private struct Rig {
    let bytes: [UInt8]
    let keys: [VerifierKey]
    let lines: [[UInt8]]
    let read: [ExportLine]
    /// The record that each line is, or that it stands behind.
    let seqs: [Int64]
    let before: [ExportVerifier]

    init(_ store: JournalStore) throws {
      var bytes: [UInt8] = []
      try LogExport.write(store) { bytes += $0 }
      self.bytes = bytes
      let keys = try store.logKeys().map(\.verifier)
      self.keys = keys
      lines = bytes.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
      read = lines.map { ExportLine($0, keys: keys) }
      var verifier = ExportVerifier()
      var before: [ExportVerifier] = []
      var seqs: [Int64] = [0]
      for place in lines.indices.dropFirst() {
        before.append(verifier)
        verifier.take(read[place], number: place + 1, next: ExportVerifier.seq(ofNextRecordIn: read, after: place))
        seqs.append(verifier.log.chain.expected - 1)
      }
      self.before = before
      self.seqs = seqs
    }

    /// What is found where one line is another, in the lines up to some way behind it, or up to the end.
    func findings(_ line: [UInt8], at place: Int, within reach: Int) -> [VerificationReport.Finding] {
      var verifier = before[place - 1]
      let changed = ExportLine(line, keys: keys)
      if case .record(let reading) = changed, let words = reading.words, place > 1, case .record = read[place - 1] {
        // The line before is held against the number that now follows it.
        verifier = before[place - 2]
        verifier.take(read[place - 1], number: place, next: words.seq)
      }
      verifier.take(changed, number: place + 1, next: ExportVerifier.seq(ofNextRecordIn: read, after: place))
      let end = min(read.count, place + reach)
      for place in place + 1..<max(end, place + 1) {
        verifier.take(read[place], number: place + 1, next: ExportVerifier.seq(ofNextRecordIn: read, after: place))
      }
      if end == read.count { verifier.finish(isWhole: true) }
      return verifier.log.report.findings
    }
  }

  /// Every type of record there is, in 40 records.
  static let types = [
    "run.started", "engine.started", "intent", "action.started", "action.refused", "action.ended", "check.ended",
    "tunnel.opened", "timer.fired", "person.asked", "person.answered", "person.missing", "operator.interrupted",
    "engine.terminated", "engine.detached", "operator.paused", "run.abandoned", "step.expanded", "step.ended",
    "run.failing", "rollback.started", "undo.started", "undo.ended", "run.paused", "run.ended", "outputs.pruned",
    "approval", "vote.refused", "votes.verified",
  ]

  @Test func everyTypeThatIsReadIsAmongThem() throws {
    let text = try #require(
      TestFile.read(BelayBinary.projectRoot + "/Sources/Journal/Codec/RunEventCodec+Decoding.swift"))
    // Those of events have a dot in their names, but for `intent`; the codec's other words have none.
    let read = text.matches(of: /case ((?:"[a-z.-]+"(?:, )?)+):/).flatMap { match in
      match.1.matches(of: /"([a-z-]+\.[a-z-]+|intent)"/).map { String($0.1) }
    }
    #expect(read.count > 20)
    let others = [JournalStore.pruningType, "approval"]
    #expect(Set(read + others) == Set(Self.types))
    #expect(Self.types.count <= 40)
  }

  private static func rig(_ scratch: ScratchStore, records: Int64, signedEach: Int64) throws -> Rig {
    let store = try scratch.open()
    _ = try store.beginSigning(name: "log.example", folder: nil, renewing: false)
    let engine = try store.claimEngine(run: "run1")
    for number in 1...records {
      var record = PendingRecord.sample(number)
      record.type = types[Int(number - 1) % types.count]
      if number % 5 == 0 { record.actor = "sam" }
      if number % 3 == 0 { record.plan = nil }
      _ = try store.append(
        batch: [record], run: "run1", outputs: [], engine: engine, taking: nil, releasing: false,
        signing: number % signedEach == 0)
    }
    return try Rig(store)
  }

  private static func verify(_ lines: [[UInt8]], _ keys: [VerifierKey]) -> VerificationReport {
    ExportVerifier.verify(Array(lines.joined(separator: [0x0A])) + [0x0A], keys: keys)
  }

  @Test func everyByteOf40RecordsFlippedIsFoundAndTheRecordNamed() throws {
    let rig = try Self.rig(ScratchStore(), records: 40, signedEach: 4)
    #expect(ExportVerifier.verify(rig.bytes, keys: rig.keys).isIntact)
    for place in rig.lines.indices {
      for offset in rig.lines[place].indices {
        var line = rig.lines[place]
        line[offset] ^= 1 << UInt8((offset * 7 + place) % 8)
        if place == 0 || line[offset] == 0x0A {
          // The first line, and a line that becomes two, go through the whole file.
          var lines = rig.lines
          lines[place] = line
          let found = Self.verify(lines, rig.keys).findings
          #expect(found.contains { place == 0 || $0.seq == rig.seqs[place] }, "line \(place), byte \(offset)")
          continue
        }
        let found = rig.findings(line, at: place, within: .max / 2)
        let isNamed = found.contains { $0.seq == rig.seqs[place] }
        #expect(isNamed, "line \(place), byte \(offset): \(found)")
      }
    }
    // The breaks between the lines.
    var end = 0
    for place in rig.lines.indices {
      end += rig.lines[place].count
      var bytes = rig.bytes
      bytes[end] ^= 4
      end += 1
      #expect(!ExportVerifier.verify(bytes, keys: rig.keys).isIntact, "the break behind line \(place)")
    }
  }

  @Test func seededFlipsOver1000RecordsAreFoundAndTheRecordNamed() throws {
    let rig = try Self.rig(ScratchStore(), records: 1000, signedEach: 10)
    #expect(ExportVerifier.verify(rig.bytes, keys: rig.keys).isIntact)
    var random = SplitMix(state: 20_261_124)
    for _ in 0..<20_000 {
      let place = 1 + Int(random.next() % UInt64(rig.lines.count - 2))
      var line = rig.lines[place]
      let offset = Int(random.next() % UInt64(line.count))
      line[offset] ^= 1 << UInt8(random.next() % 8)
      if line[offset] == 0x0A { continue }
      // Findings are never taken back: a dozen lines behind it, through the next checkpoint, are enough to see it.
      let found = rig.findings(line, at: place, within: 13)
      #expect(found.contains { $0.seq == rig.seqs[place] }, "line \(place), byte \(offset): \(found)")
    }
  }

  @Test func everyRecordRemovedDuplicatedSwappedOrAppendedIsFoundAndNamed() throws {
    let rig = try Self.rig(ScratchStore(), records: 40, signedEach: 4)
    let records = rig.lines.indices.filter { if $0 > 0, case .record = rig.read[$0] { true } else { false } }
    #expect(records.count == 40)
    func names(_ lines: [[UInt8]], _ seq: Int64) -> Bool {
      Self.verify(lines, rig.keys).findings.contains { $0.seq == seq }
    }
    for (number, place) in records.enumerated() {
      let seq = Int64(number + 1)
      var lines = rig.lines
      lines.remove(at: place)
      #expect(names(lines, seq), "\(seq) removed")
      lines = rig.lines
      lines.insert(lines[place], at: place)
      #expect(names(lines, seq), "\(seq) duplicated")
      lines = rig.lines
      lines.insert(rig.lines[place], at: rig.lines.count - 1)
      #expect(names(lines, seq), "\(seq) appended")
      for other in records where other > place {
        lines = rig.lines
        lines.swapAt(place, other)
        // Of two neighbours it can be said of either that it moved.
        let isNeighbour = rig.seqs[other] == seq + 1
        let isNamed = names(lines, seq) || isNeighbour && names(lines, seq + 1)
        #expect(isNamed, "\(seq) swapped with line \(other)")
      }
    }
    for place in rig.lines.indices where place > 0 {
      var lines = rig.lines
      lines.remove(at: place)
      #expect(!Self.verify(lines, rig.keys).isIntact, "line \(place) removed")
      #expect(!Self.verify(Array(rig.lines[..<place]), rig.keys).isIntact, "cut off before line \(place)")
    }
  }

  @Test func aChainThatWasWrittenAnewIsFoundByItsCheckpoint() throws {
    let scratch = ScratchStore()
    let rig = try Self.rig(scratch, records: 40, signedEach: 4)
    // All records from the 18th on, each with the hash of its new predecessor.
    var lines = rig.lines
    var last: ContentHash?
    for place in lines.indices where place > 0 {
      guard var record = RecordLine.parse(lines[place]) else { continue }
      if record.seq == 18 { record.content.actor = "mallory" }
      if let last { record.previous = last }
      if record.seq >= 18 {
        lines[place] = record.bytes()
        last = ContentHash(of: lines[place])
      }
    }
    let found = Self.verify(lines, rig.keys).findings
    #expect(found.map(\.seq) == [20])
    #expect(found.first?.what.contains("those from record 17 on") == true)
  }
}

/// Numbers from a seed (SplitMix64).
private struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
