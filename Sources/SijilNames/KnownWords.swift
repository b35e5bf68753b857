/// Words that belong to names without being names, and names that are one although they do not sound alike.
enum KnownWords {
    enum Role {
        /// Between names: `ben`, `ould`, `de`.
        case particle
        /// Before a name, and often left out: `sidi`, `hadj`.
        case title
    }

    /// What is known of a folded word.
    struct Entry {
        var role: Role?
        /// The number of the group of variants that the word belongs to.
        var group: Int?
    }

    static func entry(of word: Span<UInt8>) -> Entry? {
        word.count > longest ? nil : entries[FNV.hash(word)]
    }

    /// By a hash of 64 bits: no two of the words have one, and a stranger's chance is nothing.
    private static let entries: [UInt64: Entry] = {
        var entries: [UInt64: Entry] = [:]
        for (words, role) in [(particles, Role.particle), (titles, .title)] {
            for word in words.split(whereSeparator: \.isWhitespace) {
                entries[FNV.hash(word.utf8Span.span), default: Entry()].role = role
            }
        }
        for (number, line) in variants.split(separator: "\n").enumerated() {
            for word in line.split(separator: " ") {
                entries[FNV.hash(word.utf8Span.span), default: Entry()].group = number + 1
            }
        }
        return entries
    }()

    private static let longest = 24

    private static let particles = """
        al el ul il oul l le la les lo li de du des d da di do dos del van von der den y
        ben bin ibn bn bnou bint bent bnt binti ould uld wuld weld wold ait ayt at n u o
        بن ابن بنت ولد ايت اولاد ال ⵏ ⵓ ⴰⵢⵜ ද
        """

    private static let titles = """
        sidi sid si sayyid seyyid sayed moulay mulay mawlay maulay lalla lala hadj haj hajj hadji haji
        hajji elhadj elhaj elhajj alhaji alhadji alhaj alhajj hadja hajja cheikh cheick sheikh shaykh
        cheikha imam imame mr mrs m mme mlle dr pr ven rev fr me sr ms
        سيدي سي السيد سيد مولاي لالا لاله الحاج حاج الحاجه حاجه الشيخ شيخ الشيخه الامام امام
        ⵍⵃⴰⵊ ⵙⵉⴷⵉ
        """

    /// One name a line, folded.
    ///
    /// Only what the consonants do not tell.
    private static let variants = """
        محمد mohammed mohamed muhammad mouhamed mouhamadou mamadou mahamadou mahamat mahamane mamady mamadi momodou modou mehmet muhammadu mammadu
        احمد ahmed ahmad amadou ahmadou hamadou hamidou ahmadu amadu ahmet ahmat
        محمود mahmoud mahmud mamoudou mahamoudou
        عثمان othman otman osman ousmane usman ousman uthman osmane
        فاطمه fatima fatma fatimah fatoumata fatou fatumata fatouma fatimata fadimata fatimatou fadma fattouma fati
        عايشه aicha aisha ayesha aissata aissatou aichatou aissa assiatou aishatu astou
        خديجه khadija khadidja kadidia kadiatou kadidiatou kadija hadiza khady kadidja khadijah
        امنه امينه amina aminata aminatou aminah
        مريم maryam mariam mariama meryem myriam miriam mariame marie mary maria
        عبدالله abdullah abdallah abdellah abdoulaye abdoullaye abdullahi abdallahi abdoulahi ablaye
        ابراهيم ibrahim ibrahima brahim ibra ebrahim abraham bourahima birama
        يحيي yahya yahia yehya john jean johannes yohanna يوحنا hanna حنا
        يوسف youssef yusuf joseph youssouf youssoufou issouf yousuf yosef
        موسي moussa musa moise moses mousa
        عيسي issa isa jesus eissa essa
        داود daoud dawud david daouda dauda dawood
        سليمان suleiman soliman souleymane sulayman solomon salomon slimane suleyman souleimane
        اسحاق ishaq isaac ishak issaka isaka
        يعقوب yaqub jacob yacoub jacques yakouba yacouba yacoubou yakoubou yakubu
        زكريا zakaria zachary zakariya zacharie zakariyya zakari
        الياس ilyas elias elie elijah iliass
        يونس younes yunus jonas jonah younous younoussa younis
        جبريل jibril gabriel djibril jabrail جبرايل
        ميخاييل mikhail michael michel mikail مخاييل
        ايوب ayoub ayyub job
        هارون haroun harun aaron harouna
        بطرس boutros butrus pierre peter petros
        بولس boulos bulus paul paulus
        جرجس jirjis georges george girgis جورج
        حوا hawa hawwa eve haoua awa
        نوح nouh nuh noah noe nouhou nouhoum
        ادم adam adama
        عمر omar umar oumar omer oumarou umaru
        علي ali aly alou aliou alioune aliyu
        حسن hassan hasan hassane lassana alassane lassane
        حسين hussein husayn houcine hossein ousseynou houssein hosseine hussain
        ابوبكر aboubacar aboubakar boubacar abubakar boubakar bakary abubakr aboubakr bubakar aboubacry
        صالح saleh salih salihou saliou salifou
        سعيد said saeed seydou saidou seidou seyid
        ayed
        زينب zaynab zineb zeinab zeynab zenab zeynabou zainab seynabou
        حليمه halima halimatou halimata alima
        مصطفي mustapha mostafa mustafa moustapha
        جمال jamal gamal djamel jamel
        """
}
