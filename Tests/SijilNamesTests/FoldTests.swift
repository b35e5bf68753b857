import Foundation
import Testing

@testable import SijilNames

struct FoldTests {
    @Test(arguments: [
        ("أحمد", "احمد"), ("آسفي", "اسفي"), ("إبراهيم", "ابراهيم"), ("مُحَمَّد", "محمد"),
        ("محـــمد", "محمد"),
        ("فاطمة", "فاطمه"), ("مصطفى", "مصطفي"), ("عائشة", "عايشه"), ("مؤمن", "مومن"),
        ("ٱلْحَسَن", "الحسن"), ("علی کریم", "علي كريم"), ("أݣادير", "اكادير"), ("أڭادير", "اكادير"),
        ("N’Diaye", "ndiaye"), ("Béni-Mellal", "beni mellal"), ("Ḥusayn", "husayn"),
        ("Cœur", "coeur"), ("Łukasz", "lukasz"), ("Straße", "strasse"),
        ("O'Connor-Smythe", "oconnor smythe"), ("Ngũgĩ", "ngugi"), ("٠٦١٢ ٣٤", "0612 34"),
        ("ⴰⵎⵖⴰⵔ", "ⴰⵎⵖⴰⵔ"), ("කමල්", "කමල්"), ("கமல்", "கமல்"),
    ])
    func `the table of the directory's specification`(text: String, folded: String) {
        #expect(Fold.text(text) == folded)
    }

    /// The words of the tests of Lucene's ArabicNormalizer.
    @Test(arguments: [
        ("آجن", "اجن"), ("أحمد", "احمد"), ("إعاذ", "اعاذ"), ("بنى", "بني"), ("فاطمة", "فاطمه"),
        ("روبرـــــت", "روبرت"), ("مَبنا", "مبنا"), ("علِي", "علي"), ("بُوات", "بوات"),
        ("ولداً", "ولدا"),
        ("ولدٍ", "ولد"), ("ولدٌ", "ولد"), ("نلْسون", "نلسون"), ("هتميّ", "هتمي"),
    ])
    func `what Lucene's normaliser folds is folded alike`(text: String, folded: String) {
        #expect(Fold.text(text) == folded)
    }

    /// MoroccoAPI's issue 2: the four queries with the place that each must find.
    @Test(arguments: [("آسفي", "آسفي"), ("اسفي", "آسفي"), ("مراكش", "مراكش"), ("مَرَّاكُش", "مراكش")])
    func `a query without hamza or with vowels is its place`(query: String, place: String) {
        #expect(Fold.text(query) == Fold.text(place))
        #expect(Fold.text(query.decomposedStringWithCanonicalMapping) == Fold.text(place))
    }

    @Test(arguments: [
        ("", ""), (" ", ""), ("-", ""), ("a\u{0}b", "a b"), ("  Ba  ", "ba"),
        ("l'Espoir", "lespoir"),
        ("Abu\u{200F} Bakr\u{202C}", "abu bakr"), ("Ben\u{AD}kirat", "benkirat"),
        ("\u{E000}x\u{E001}", "x"), ("İstanbul", "istanbul"), ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("Ёлка", "елка"), ("שָׁלוֹם", "שלום"), ("𞤀𞤁𞤂𞤢𞤃", "𞤢𞤣𞤤𞤢𞤥"), ("ﷲ", "الله"), ("ﻣﺤﻤﺪ", "محمد"),
        ("Ɓoɗejo Ŋari", "bodejo nari"), ("ශ්\u{200D}රී", "ශ්රී"), ("𝐀𝐥𝐢", "ali"), ("ماء", "ما"),
        ("ߒߞߏ߲", "ߒߞߏ߲"), ("۰۱۲", "012"), ("१२", "12"), ("ʿAlī", "ali"), ("a´b", "ab"), ("½", "1 2"),
    ])
    func `other texts`(text: String, folded: String) {
        #expect(Fold.text(text) == folded)
        #expect(Fold.text(folded) == folded)
    }

    @Test func `the quick way folds as the thorough one`() {
        let scalars = Array(0..<0x3000) + Array(0xFB50..<0xFF00) + Array(0x1E900..<0x1E960)
        for value in scalars {
            guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
            let text = "a\(scalar)b"
            var any = FoldedText()
            Fold.appendAny(text.utf8Span.span, to: &any)
            let quick = Fold.folded(text.utf8Span.span)
            #expect(quick.bytes == any.bytes && quick.joints == any.joints, "\(value)")
            #expect(!quick.bytes.contains(0))
            let again = String(decoding: quick.bytes, as: UTF8.self)
            #expect(Fold.text(again) == again, "\(value)")
        }
    }

    @Test(arguments: [
        ("عبد الله", "عبدالله"), ("Ben Ali", "benali"), ("Béni-Mellal", "benimellal"),
    ])
    func `squashed there are no spaces`(text: String, squashed: String) {
        #expect(Fold.squash(text) == squashed)
    }
}
