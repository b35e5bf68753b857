"""The story of Wadi Amal: three officers without a network, one coordinator, and the leaders they call.

Everybody in it is fictional. XM is no country, and +999 is no country's telephone code.
"""

from programs import ROOT, Differs, digests, step

HOMES = ("desk-01", "tab-07", "tab-11", "tab-12")
LIBRARY = ROOT / "Fixtures" / "Libraries" / "rabat-washington-2018.jsonl"


def tell(text):
    print(f"   {text}", flush=True)


def need(condition, otherwise):
    if not condition:
        raise Differs(otherwise)


class Story:
    def __init__(self, programs, server):
        self.programs = programs
        self.server = server

    def one(self, home, *arguments):
        return self.programs.one(home, *arguments)

    def lines(self, home, *arguments):
        return self.programs.run(home, *arguments)

    def sync(self, *homes):
        for home in homes:
            self.one(home, "sync")

    # Act 0 and 1: set-up, enrolment.

    def enrol(self):
        self.library = self.one(
            "desk-01", "admin", "collection", "create", "rabat-washington-2018",
            "--kind", "practices")["id"]
        self.roster = self.one(
            "desk-01", "admin", "collection", "create", "wadi-amal", "--kind", "roster")["id"]
        self.sync("desk-01")
        self.one("desk-01", "import", LIBRARY, "--in", self.library)
        self.area = self.one("desk-01", "add", "area", "--in", self.roster, "--id", "XM0101",
                             "code=XM0101", "name.fr=Wadi Amal", "name.ar=وادي أمل", "level=2",
                             "time_zone=Africa/Casablanca")["id"]
        mayor = self.one("desk-01", "leader", "add", "ar=نادية أمزيان-تيفاوين",
                         "fr=Nadia Amziane-Tifaouine", "--in", self.roster, "--office-type", "mayor",
                         "--category", "elected_local", "--area", self.area, "--language", "ar",
                         "--phone", "+999 55 000 2001")
        self.mayor, self.mobile = mayor["id"], mayor["channels"][0]
        self.landline = self.one("desk-01", "add", "channel", "--in", self.roster,
                                 f"owner={self.mayor}", "kind=landline",
                                 "value=+999 55 000 1009")["id"]
        self.sync("desk-01")
        for home in HOMES[1:]:
            code = self.one("desk-01", "admin", "invite", "--name", home, "--grant",
                            f"{self.roster}=editor", "--grant", f"{self.library}=reader")["code"]
            self.one(home, "init", "--name", home)
            self.one(home, "join", self.server.url, "--code", code)
            self.sync(home)
        practice = self.one("tab-07", "practice", "show", "18", "--lang", "fr")
        title = practice["title"]
        need(title == {"text": "éviter la stigmatisation de toute communauté", "language": "fr",
                       "status": "official"}, "practice 18 is not there in French")
        tell(f"Offline, practice 18 in French: “{title['text']}” ({title['status']}).")

    # Act 2: nobody has a network, everybody writes.

    def write_apart(self):
        imam = self.one("tab-07", "leader", "add", "ar=عبد الرحمن الوزاني التازاريني", "--in",
                        self.roster, "--office-type", "imam", "--category", "religious", "--area",
                        self.area, "--language", "ar", "--language", "fr", "--phone",
                        "+٩٩٩ ٥٥ ٠٠٠ ٣٠٠١", "--avoid", "friday_noon", "--verified", "in_person",
                        "--consent", "store", "--consent", "crisis_contact")
        self.imam = imam["id"]
        number = self.one("tab-07", "show", imam["channels"][0])["fields"]["value"]
        need(number == "+999550003001", "Arabic digits are not read as a number")
        tell("Salma (tab-07) adds the imam, his number typed in Arabic digits, verified in person, with consent.")

        double = self.one("tab-11", "leader", "add", "en=Abd al-Rahman al-Wazzani", "--in",
                          self.roster, "--office-type", "imam", "--category", "religious",
                          "--area", self.area, "--phone", "+999 55 000 3001",
                          "--phone", "+999 55 000 3002")
        self.double = double["id"]
        for names, office, category in (
                (("fr=El Hadj Mamadou Ly-Kerfalla", "ar=مامادو لي"), "chef_de_canton", "customary"),
                (("fr=Fatoumata Binta Ba",), "women_leader", "civil_society")):
            self.one("tab-11", "leader", "add", *names, "--in", self.roster, "--office-type", office,
                     "--category", category, "--area", self.area)
        tell("Kofi-Yann (tab-11), elsewhere, adds the same imam by a Latin spelling, and two leaders with short names.")
        for query, name in (("Ly", "Ly-Kerfalla"), ("Ba", "Ba"), ("لي", "Ly-Kerfalla")):
            first = self.lines("tab-11", "find", query, "--type", "person")[0]
            need(name in str(self.one("tab-11", "show", first["id"])["fields"]["name"]),
                 f"{query} is not found first")
        tell("find Ly, find Ba and find لي each list them first.")

        for script, latin, office, phone, query in (
                ("si=කන්දෙලන්ද සුමනසෝභන හිමි", "en=Ven. Kandelanda Sumanasobhana Thero", "thero",
                 "+999 55 000 4001", "සුමන"),
                ("ta=றிஃப்கான் நஜீம்தீன்", "en=Moulavi M. R. Rifkan Nazimdeen", "moulavi",
                 "+999 55 000 4002", "nazimdeen")):
            leader = self.one("tab-12", "leader", "add", script, latin, "--in", self.roster,
                              "--office-type", office, "--category", "religious", "--area",
                              self.area, "--phone", phone)
            need(self.lines("tab-12", "find", query)[0]["id"] == leader["id"],
                 f"{query} is not found first")
        tell("Tharindu (tab-12) adds the Thero and the Moulavi in their scripts; find සුමන and find nazimdeen work.")

        self.one("tab-07", "edit", self.mobile, "value=+999 55 000 2002")
        self.one("tab-07", "edit", self.mayor, "languages+=fr")
        self.one("tab-11", "edit", self.mobile, "value=+999 55 000 2009", "--note",
                 "read back to her office")
        self.one("tab-11", "edit", self.mobile, "hours=mon-fri 09:00-16:00")
        self.one("desk-01", "remove", self.landline)
        self.one("tab-11", "edit", self.landline, "hours=mon-fri 09:00-12:00")
        tell("Salma and Kofi-Yann correct the mayor's mobile, differently; the coordinator deletes a landline that Kofi-Yann edits.")

        warned = self.one("tab-07", "leader", "add", "fr=Abderrahmane Ouazzani", "--in",
                          self.roster, "--office-type", "imam", "--category", "religious",
                          "--area", self.area, "--phone", "+999 55 000 3001")
        reasons = next((double["reasons"] for double in warned["possible_duplicates"]
                        if double["id"] == self.imam), [])
        need("same_phone" in reasons, "a double entry is not noticed")
        self.one("tab-07", "remove", warned["id"])
        tell(f"Salma begins to enter the imam again and is told at once: {', '.join(reasons)}.")

    # Acts 3 and 4: they sync, and the coordinator decides.

    def come_together(self):
        self.sync("tab-11", "tab-07", "tab-12", "desk-01", "tab-07", "tab-11", "tab-12")
        for home in HOMES:
            shown = self.one(home, "show", self.mobile)
            values = {value["value"] for value in shown["conflicts"][0]["values"]}
            need(values == {"+999550002002", "+999550002009"}, "a telephone number was lost")
            need(shown["fields"]["hours"] == "mon-fri 09:00-16:00", "the hours did not merge")
            landline = self.one(home, "show", self.landline)
            need(not landline["deleted"] and landline["conflicts"], "an edit was deleted unseen")
        tell("They sync: both numbers are on all devices, the landline is kept and asked about, the rest merged.")

        double = next(pair for pair in self.lines("desk-01", "duplicates", "--in", self.roster)
                      if {pair["a"], pair["b"]} == {self.imam, self.double})
        self.one("desk-01", "merge", self.imam, self.double, "--because", "the same imam")
        need(self.one("desk-01", "show", self.double)["id"] == self.imam, "the old id is lost")
        self.one("desk-01", "unmerge", self.double)
        need(self.one("desk-01", "show", self.double)["id"] == self.double, "unmerge restores nothing")
        self.one("desk-01", "merge", self.imam, self.double, "--because", "asked at the mosque")
        tell(f"The coordinator is shown the double entry ({', '.join(double['reasons'])}), merges it, takes it back, merges again.")
        self.one("desk-01", "resolve", self.mobile, "value", "--take", "tab-11",
                 "--because", "confirmed by her office")
        self.one("desk-01", "resolve", self.landline, "deleted", "--value", "true")
        self.sync("desk-01", "tab-07", "tab-11", "tab-12")
        for home in HOMES:
            shown = self.one(home, "show", self.mobile)
            need(not shown["conflicts"] and shown["fields"]["value"] == "+999550002009",
                 "the decision did not arrive")
            need(self.one(home, "show", self.double)["id"] == self.imam, "the merge did not arrive")
        last = self.lines("tab-07", "history", self.mobile)[-1]
        tell(f"History: {last['replica_name']} wrote {last['value']} over "
             f"{' and '.join(last['replaced'])}: {last['note']}.")
        sheet = self.lines("tab-07", "leader", "call-sheet", "--area", self.area, "--crisis")
        callable_ = [line for line in sheet if line["callable"]]
        need(len(callable_) >= 4, "the call sheet is too short")
        tell(f"The call sheet of Wadi Amal has {len(callable_)} who can be called, on every device, offline.")


def story(programs, server):
    step("Wadi Amal: three officers without a network")
    story = Story(programs, server)
    story.enrol()
    story.write_apart()
    story.come_together()
    for collection in (story.roster, story.library):
        digest, count = digests(programs, server, HOMES, collection)
    tell(f"One digest on {count} places: {digest}")
