#include "CSijilPhone.h"

#include <cstring>
#include <exception>
#include <phonenumbers/phonenumberutil.h>
#include <string>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

int sijil_phone_read(const char *text, const char *country, char *e164, size_t size) {
    // No exception may reach a caller that is not C++.
    try {
        PhoneNumberUtil *plans = PhoneNumberUtil::GetInstance();
        PhoneNumber number;
        // ZZ stands for no country: then only numbers with the code of one are read.
        if (plans->Parse(text, country ? country : "ZZ", &number) != PhoneNumberUtil::NO_PARSING_ERROR)
            return 0;
        if (plans->IsPossibleNumberWithReason(number) != PhoneNumberUtil::IS_POSSIBLE) return 0;
        std::string form;
        plans->Format(number, PhoneNumberUtil::E164, &form);
        if (form.size() >= size) return 0;
        std::memcpy(e164, form.c_str(), form.size() + 1);
        return plans->IsValidNumber(number) ? 2 : 1;
    } catch (const std::exception &) {
        return 0;
    }
}
