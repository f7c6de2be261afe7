extension RuleDescription {
  /// Every rule, in the order of the codes.
  package static let all: [RuleDescription] = [
    .notYAML, .notUTF8, .tooLarge, .tooDeep, .secondDocument, .duplicateKey, .anchor, .alias, .mergeKey, .tag,
    .keyNotText, .emptyDocument, .nulInText, .cutByComment, .notARunbook, .unknownKey, .missingKey, .missingRollback,
    .wrongKind, .badValue, .badName, .duplicateName, .unknownStep, .cycle, .expressionSyntax, .expressionType,
    .notNeeded, .mayBeAbsent, .secretPlace, .needlessRollback, .oneAction, .unsafeRetry, .effectUnsaid,
    .undecidableDoubt, .expressionInScript, .unknownCheck, .inputValue, .unknownInput, .environmentChoice,
    .missingInput, .expressionWarning, .finallyChanges, .unknownFile, .callCycle, .brokenCall, .unknownChannel,
    .unknownRole, .unreadableKeys, .unknownAddress,
    .notFormatted,
    .unverifiedChange, .changingObservation, .kubectlContext,
    .exposedSecret, .shellCheck,
  ]

  /// The rule of a code, if there is one.
  package static func of(_ code: String) -> RuleDescription? { all.first { $0.code.rawValue == code } }
}
